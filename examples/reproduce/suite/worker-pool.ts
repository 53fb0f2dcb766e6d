import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism, freemem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AnomclipError } from '@anomclip/core';
import type { CellOutcome } from '../driver/finish-cell.js';
import type { CellContext } from '../driver/run-cells.js';
import type { CellJob } from './cell-job.js';
import type { WorkerMessage, WorkerRequest } from './worker.js';

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

/** A process ended while it worked: killed, or out of memory. */
export class WorkerLost extends AnomclipError {
  override readonly name = 'WorkerLost';
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
    // Processes and not threads: Node 20 cannot load TypeScript into a worker thread.
    const url = new URL('./worker.ts', import.meta.url);
    const worker = fork(fileURLToPath(url), [], { serialization: 'advanced' });
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
      const open = opening.then(() => ask(worker, { open: job, output }, step));
      opening = open.catch(() => {}); // said to the caller of that one
      try {
        await open;
        const answer = await ask(worker, { run: job }, step);
        if ('outcome' in answer) return answer.outcome;
        throw new Error('a worker answered what it was not asked');
      } finally {
        if (worker.connected) idle.push(worker);
      }
    },
    close() {
      for (const worker of all) worker.kill();
    },
  };
}

type Answer = Exclude<WorkerMessage, { readonly step: string } | { readonly error: string }>;

function ask(worker: ChildProcess, request: WorkerRequest, step: (text: string) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    function onMessage(message: WorkerMessage): void {
      if ('step' in message) {
        step(message.step);
        return;
      }
      worker.off('message', onMessage).off('exit', onExit);
      if ('error' in message) reject(new AnomclipError(message.error));
      else resolve(message);
    }
    function onExit(code: number | null, signal: string | null): void {
      reject(new WorkerLost(`the worker ended with ${signal ?? `exit code ${code}`}`));
    }
    worker.on('message', onMessage).once('exit', onExit);
    worker.send(
      request,
      (error) => error && reject(new WorkerLost('the worker has ended', { cause: error })),
    );
  });
}
