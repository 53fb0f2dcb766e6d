import { askWorker, startWorker } from '../shared/worker-process.js';
import type { EvaluationOptions } from './evaluate.js';
import type { CategoryResult } from './results.js';

/** What a worker is asked to do. */
export interface Job {
  readonly root: string;
  readonly className: string;
  readonly options: EvaluationOptions;
}

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
  const processes = Array.from({ length: Math.min(workers, jobs.length) }, () =>
    startWorker(new URL('./worker.ts', import.meta.url)),
  );
  const stopAll = () => processes.forEach((process) => void process.kill());
  signal?.addEventListener('abort', stopAll);
  try {
    await Promise.all(
      processes.map(async (process) => {
        for (const [index, job] of waiting) {
          const { className } = job;
          const told = { name: className, onStep: (step: string) => onStep(className, step) };
          results[index] = await askWorker<CategoryResult>(process, job, told);
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
