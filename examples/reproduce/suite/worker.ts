import { AnomclipError } from '@anomclip/core';
import { createProgress } from '../../shared/progress.js';
import { cellKey } from '../driver/cell.js';
import { type CellOutcome, finishCell } from '../driver/finish-cell.js';
import type { Study } from '../driver/reproduction.js';
import type { CellJob } from './cell-job.js';
import { openStudy } from './plan-grid.js';

// A process of its own that runs the cells it is sent, one after the other. It keeps the study of the last one open.

/** What a worker is told: the study first, then one of its cells. */
export type WorkerRequest = { readonly open: CellJob; readonly output: string } | { readonly run: CellJob };

/** What it says: steps, then one of the others. */
export type WorkerMessage =
  | { readonly step: string }
  | { readonly opened: true }
  | { readonly outcome: CellOutcome }
  | { readonly error: string };

let opened: { readonly run: string; readonly study: Study } | undefined;
const never = new AbortController().signal; // who wants to stop the process ends it

process.on('message', async (request: WorkerRequest) => {
  try {
    send('open' in request ? await open(request.open, request.output) : await run(request.run));
  } catch (error) {
    // Our own errors say what to do; anything else is a bug and wants its stack.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    send({ error: error instanceof AnomclipError ? error.message : text });
  }
});
process.on('disconnect', () => process.exit()); // the main process is gone
process.on('SIGINT', () => {}); // goes to the main process too, which ends this one

async function open(job: CellJob, output: string): Promise<WorkerMessage> {
  const run = runOf(job);
  if (opened?.run !== run) {
    await opened?.study.dispose();
    opened = undefined;
    const progress = { ...createProgress(), line: () => {} }; // said by the main process
    opened = { run, study: await openStudy(job, output, { progress, signal: never }) };
  }
  return { opened: true };
}

async function run(job: CellJob): Promise<WorkerMessage> {
  if (opened?.run !== runOf(job)) throw new Error('the study of the cell is not open');
  const { study } = opened;
  const cell = study.cells.find((planned) => cellKey(planned) === job.key);
  if (!cell) {
    throw new AnomclipError(
      `cell ${job.key} of ${job.reproduction} is not planned here; use the same version of @anomclip, data and models as where it was planned`,
    );
  }
  const context = { signal: never, step: (step: string) => send({ step }) };
  return { outcome: await finishCell(cell, (each, of) => study.runCell(each, of), context) };
}

function runOf({ reproduction, args }: CellJob): string {
  return JSON.stringify([reproduction, args]);
}

function send(message: WorkerMessage): void {
  process.send?.(message);
}
