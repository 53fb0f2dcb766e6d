import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '@anomclip/core/weights';
import { drawShard, PAIRS_PER_SHARD, type PairSet } from './draw-shard.js';
import { type PairStore, storeOf } from './pair-store.js';

/** What a worker is asked to do. */
export interface ShardJob {
  readonly file: string;
  readonly set: PairSet;
  readonly index: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface DrawSetOptions {
  /** Processes that draw. @defaultValue 2 */
  readonly workers?: number;
  /** Called after every shard. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * A set of pairs from a folder: shards that are not there yet, or are another set's, are drawn by worker processes; so a run
 * that was interrupted goes on where it was. The pairs do not depend on the number of workers.
 */
export async function drawSet(
  folder: string,
  set: PairSet,
  options: DrawSetOptions = {},
): Promise<PairStore> {
  const { workers = 2, onProgress } = options;
  await mkdir(folder, { recursive: true });
  const metadata = { set: JSON.stringify(set), drawing: DRAWING_VERSION };
  const total = Math.ceil(set.pairs / PAIRS_PER_SHARD);
  const files = Array.from({ length: total }, (_, i) =>
    join(folder, `pairs-${String(i).padStart(4, '0')}.safetensors`),
  );
  const missing: number[] = [];
  for (const [index, file] of files.entries()) {
    if (!(await isShardOf(file, metadata))) missing.push(index);
  }
  let done = total - missing.length;
  const waiting = missing.values();
  const processes = Array.from({ length: Math.min(workers, missing.length) }, startWorker);
  try {
    await Promise.all(
      processes.map(async (worker) => {
        for (const index of waiting) {
          await runJob(worker, { file: files[index], set, index, metadata });
          onProgress?.(++done, total);
        }
      }),
    );
  } finally {
    for (const worker of processes) worker.kill();
  }
  const shards = [];
  for (const file of files) shards.push(readSafetensors(await readFile(file)).tensors);
  return storeOf(shards, set.side, set.categories);
}

/** The same, kept in memory and drawn in this process: for small sets. */
export function drawSetInMemory(set: PairSet): PairStore {
  const total = Math.ceil(set.pairs / PAIRS_PER_SHARD);
  const shards = Array.from({ length: total }, (_, index) => drawShard(set, index));
  return storeOf(shards, set.side, set.categories);
}

/** Another number for every change of the drawing, so that no old shard is taken for a new one. */
export const DRAWING_VERSION = '1';

async function isShardOf(file: string, metadata: Readonly<Record<string, string>>): Promise<boolean> {
  if (!existsSync(file)) return false;
  const stored = readSafetensors(await readFile(file)).metadata;
  return Object.entries(metadata).every(([name, value]) => stored[name] === value);
}

function startWorker(): ChildProcess {
  // Processes and not threads: Node 20 cannot load TypeScript into a worker thread.
  return fork(fileURLToPath(new URL('./draw-worker.ts', import.meta.url)), [], { serialization: 'advanced' });
}

function runJob(worker: ChildProcess, job: ShardJob): Promise<void> {
  return new Promise((resolve, reject) => {
    function onMessage(message: { done: true } | { error: string }): void {
      worker.off('message', onMessage).off('exit', onExit);
      if ('done' in message) resolve();
      else reject(new Error(`shard ${job.index}: ${message.error}`));
    }
    function onExit(code: number | null): void {
      reject(new Error(`the process that drew shard ${job.index} ended with exit code ${code}`));
    }
    worker.on('message', onMessage).on('exit', onExit);
    worker.send(job, (error) => error && reject(error));
  });
}
