import { AnomclipError } from '@anomclip/core';
import { createProgress } from '../../shared/progress.js';
import { answerRequests } from '../../shared/worker-process.js';
import { cellKey } from '../driver/cell.js';
import { type CellOutcome, finishCell } from '../driver/finish-cell.js';
import type { Study } from '../driver/reproduction.js';
import type { CellJob } from './cell-job.js';
import { openStudy } from './plan-grid.js';

// A process of its own that runs the cells it is sent, one after the other. It keeps the study of the last one open.

/** What a worker is told: the study first, then one of its cells. */
export type WorkerRequest = { readonly open: CellJob; readonly output: string } | { readonly run: CellJob };

let opened: { readonly run: string; readonly study: Study } | undefined;
const never = new AbortController().signal; // who wants to stop the process ends it

answerRequests(async (request: WorkerRequest, step): Promise<CellOutcome | undefined> => {
  if ('run' in request) return run(request.run, step);
  await open(request.open, request.output);
});
process.on('SIGINT', () => {}); // goes to the main process too, which ends this one

async function open(job: CellJob, output: string): Promise<void> {
  const run = runOf(job);
  if (opened?.run === run) return;
  await opened?.study.dispose();
  opened = undefined;
  const progress = { ...createProgress(), line: () => {} }; // said by the main process
  opened = { run, study: await openStudy(job, output, { progress, signal: never }) };
}

async function run(job: CellJob, step: (text: string) => void): Promise<CellOutcome> {
  if (opened?.run !== runOf(job)) throw new Error('the study of the cell is not open');
  const { study } = opened;
  const cell = study.cells.find((planned) => cellKey(planned) === job.key);
  if (!cell) {
    throw new AnomclipError(
      `cell ${job.key} of ${job.reproduction} is not planned here; use the same version of @anomclip, data and models as where it was planned`,
    );
  }
  return finishCell(cell, (each, of) => study.runCell(each, of), { signal: never, step });
}

function runOf({ reproduction, args }: CellJob): string {
  return JSON.stringify([reproduction, args]);
}
