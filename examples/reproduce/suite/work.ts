import { once } from 'node:events';
import type { Progress } from '../../shared/progress.js';
import { formatOutcome } from '../driver/results-file.js';
import type { CellJob } from './cell-job.js';
import { connectRedis, notInstalled, type QueueOptions } from './cell-queue.js';
import { createWorkerPool } from './worker-pool.js';

export interface WorkOptions extends QueueOptions {
  /** Cells at the same time. */
  readonly workers: number;
  /** Where studies keep what they compute. */
  readonly output: string;
  /** After so many seconds without a sign of life, others take over what this one worked on. */
  readonly lease: number;
}

/**
 * Runs cells of the queue until the signal comes; what it worked on then goes back to the others at once, and after its lease
 * where the machine just dies.
 */
export async function work(
  options: WorkOptions,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> {
  const { Worker, WaitingError } = await import('bullmq').catch(notInstalled);
  const { workers, output, lease, queue } = options;
  const connection = await connectRedis(options, progress);
  const pool = createWorkerPool(output);
  const worker = new Worker<CellJob, string>(
    queue,
    async (job, token) => {
      const name = `${job.data.reproduction} ${job.data.key}`;
      progress.line(name);
      try {
        const step = (text: string) => progress.step(`${name}: ${text}`);
        const outcome = await pool.run(job.data, { step });
        progress.line(`${name}: ${outcome.finished.seconds.toFixed(1)} s`);
        return formatOutcome(outcome);
      } catch (error) {
        if (signal.aborted) {
          await job.moveToWait(token);
          throw new WaitingError();
        }
        progress.line(`${name}: failed: ${error instanceof Error ? error.message : error}`);
        throw error;
      }
    },
    {
      connection,
      concurrency: workers,
      // This process only waits for others, so it can always renew its leases in time.
      lockDuration: 1000 * lease,
      stalledInterval: 1000 * lease,
      maxStalledCount: 10, // machines die more often than cells kill them
    },
  );
  worker.on('error', () => {}); // of the connection, which says so itself, or a lease that was lost: another one has the cell
  progress.line(`waiting for cells in ${queue}; Ctrl-C ends`);
  if (!signal.aborted) await once(signal, 'abort');
  pool.close();
  await worker.close();
  connection.disconnect();
}
