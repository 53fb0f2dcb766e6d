import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors } from '@anomclip/core/weights';
import { askWorker, startWorker } from '../shared/worker-process.js';
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
  const processes = Array.from({ length: Math.min(workers, missing.length) }, () =>
    startWorker(new URL('./draw-worker.ts', import.meta.url)),
  );
  try {
    await Promise.all(
      processes.map(async (worker) => {
        for (const index of waiting) {
          const job: ShardJob = { file: files[index], set, index, metadata };
          await askWorker<void>(worker, job, { name: `shard ${index}` });
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
export const DRAWING_VERSION = '2';

async function isShardOf(file: string, metadata: Readonly<Record<string, string>>): Promise<boolean> {
  if (!existsSync(file)) return false;
  const stored = readSafetensors(await readFile(file)).metadata;
  return Object.entries(metadata).every(([name, value]) => stored[name] === value);
}
