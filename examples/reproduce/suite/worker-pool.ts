import type { ChildProcess } from 'node:child_process';
import { availableParallelism, freemem } from 'node:os';
import { askWorker, startWorker } from '../../shared/worker-process.js';
import type { CellOutcome } from '../driver/finish-cell.js';
import type { CellContext } from '../driver/run-cells.js';
import type { CellJob } from './cell-job.js';
import type { WorkerRequest } from './worker.js';

/** Processes that run cells. */
export interface WorkerPool {
  /**
   * Runs a cell in a process that is idle; the caller asks for at most as many at the same time as there are processes.
   *
   * @throws {@link WorkerLost} when the process ends; {@link AnomclipError} with what the cell threw.
   */
  run(job: CellJob, context: Pick<CellContext, 'step'>): Promise<CellOutcome>;
  /** Ends all processes, also those that work. */
  close(): void;
}

/** One process per core, and 3 GB of free memory for each. */
export function defaultWorkers(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / (3 * 2 ** 30))));
}

/** @param output - Where studies keep what they compute; results are not written by workers. */
export function createWorkerPool(output: string): WorkerPool {
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  // One after the other, since opening may write data that the next one finds.
  let opening: Promise<unknown> = Promise.resolve();

  function start(): ChildProcess {
    const worker = startWorker(new URL('./worker.ts', import.meta.url));
    all.add(worker);
    worker.once('exit', () => {
      all.delete(worker);
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    });
    return worker;
  }

  return {
    async run(job, { step }) {
      const worker = idle.pop() ?? start();
      const ask = <Answer>(request: WorkerRequest) => askWorker<Answer>(worker, request, { onStep: step });
      const open = opening.then(() => ask<void>({ open: job, output }));
      opening = open.catch(() => {}); // said to the caller of that one
      try {
        await open;
        return await ask<CellOutcome>({ run: job });
      } finally {
        if (worker.connected) idle.push(worker);
      }
    },
    close() {
      for (const worker of all) worker.kill();
    },
  };
}
