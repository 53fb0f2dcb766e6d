import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AnomclipError } from '@anomclip/core';
import type { EvaluationOptions } from './evaluate.js';
import type { CategoryResult } from './results.js';

/** What a worker is asked to do. */
export interface Job {
  readonly root: string;
  readonly className: string;
  readonly options: EvaluationOptions;
}

/** What a worker says: many steps, then a result or an error. */
export type WorkerMessage = { step: string } | { result: CategoryResult } | { error: string };

/** What the caller hears while the work goes on. */
export interface Listener {
  onStep(className: string, step: string): void;
  onResult(result: CategoryResult): void;
}

/**
 * Evaluates categories in `workers` processes, each taking the next category that nobody has taken. Results do not depend
 * on the number of workers.
 *
 * @returns In the order of `jobs`.
 */
export async function evaluateAll(
  jobs: readonly Job[],
  workers: number,
  { onStep, onResult }: Listener,
  signal?: AbortSignal,
): Promise<CategoryResult[]> {
  const results: CategoryResult[] = [];
  const waiting = jobs.entries();
  const processes = Array.from({ length: Math.min(workers, jobs.length) }, startWorker);
  const stopAll = () => processes.forEach((process) => void process.kill());
  signal?.addEventListener('abort', stopAll);
  try {
    await Promise.all(
      processes.map(async (process) => {
        for (const [index, job] of waiting) {
          results[index] = await runJob(process, job, (step) => onStep(job.className, step));
          onResult(results[index]);
        }
      }),
    );
  } finally {
    signal?.throwIfAborted();
    signal?.removeEventListener('abort', stopAll);
    stopAll();
  }
  return results;
}

function startWorker(): ChildProcess {
  // Processes and not threads: Node 20 cannot load TypeScript into a worker thread.
  return fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [], { serialization: 'advanced' });
}

function runJob(worker: ChildProcess, job: Job, onStep: (step: string) => void): Promise<CategoryResult> {
  return new Promise((resolve, reject) => {
    function onMessage(message: WorkerMessage): void {
      if ('step' in message) {
        onStep(message.step);
        return;
      }
      worker.off('message', onMessage).off('exit', onExit);
      if ('result' in message) resolve(message.result);
      else reject(new AnomclipError(`${job.className}: ${message.error}`));
    }
    function onExit(code: number | null): void {
      reject(new Error(`the process that evaluated ${job.className} ended with exit code ${code}`));
    }
    worker.on('message', onMessage).on('exit', onExit);
    worker.send(job, (error) => error && reject(error));
  });
}
