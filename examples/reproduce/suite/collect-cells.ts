import { setTimeout } from 'node:timers/promises';
import type { Progress } from '../../shared/progress.js';
import { type Cell, cellKey, describeCell } from '../driver/cell.js';
import {
  clearResults,
  type FinishedCell,
  parseOutcome,
  readResults,
  recordOutcome,
  removeTornLine,
} from '../driver/results-file.js';
import { type ExecutedCells, finishedLine } from '../driver/run-cells.js';
import type { CellJob } from './cell-job.js';
import { type CellQueue, jobId, resubmitLost, submitCells } from './cell-queue.js';

export interface CollectCellsOptions {
  readonly output: string;
  /** Forgets what was finished before, here and in the queue. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** How often the queue is asked. */
const pollMilliseconds = 400;

/** Every so many polls, cells that the queue has lost are submitted again. */
const pollsBetweenChecks = 15;

/**
 * Submits the cells that have no result yet, and writes down what workers finish until none is open. A finished job leaves
 * the queue after its line is on the disk, so nothing is lost, whoever stops when; a key that is in the file already is not
 * written again, so nothing is counted twice.
 *
 * @throws The signal's reason.
 */
export async function collectCells(
  queue: CellQueue,
  cells: readonly Cell[],
  jobOf: (cell: Cell) => CellJob,
  { output, fresh, signal, progress }: CollectCellsOptions,
): Promise<ExecutedCells> {
  const keys = cells.map(cellKey);
  if (fresh) {
    await clearResults(output);
    for (const key of keys) await (await queue.getJob(jobId(key)))?.remove().catch(() => {}); // a worker has it
  } else await removeTornLine(output);
  const known = new Map((await readResults(output)).map((result) => [result.key, result]));
  const open = new Map(cells.filter((_, i) => !known.has(keys[i])).map((cell) => [cellKey(cell), cell]));
  progress.line(`${cells.length} cells, ${cells.length - open.size} finished before, ${open.size} to run`);
  await submitCells(queue, [...open.values()].map(jobOf));

  const failed: ExecutedCells['failed'] = [];
  let workers = 1; // at work just now
  async function takeFinished(): Promise<void> {
    for (const job of await queue.getJobs(['completed'])) {
      const key = job?.data.key; // null where another collector was faster
      if (!keys.includes(key)) continue;
      open.delete(key);
      if (!known.has(key)) {
        const outcome = parseOutcome(job.returnvalue);
        await recordOutcome(output, outcome);
        known.set(key, outcome.finished);
        tell(outcome.finished);
      }
      await job.remove();
    }
  }
  async function takeFailed(): Promise<void> {
    for (const job of await queue.getJobs(['failed'])) {
      const cell = open.get(job?.data.key);
      if (!cell) continue;
      open.delete(job.data.key);
      failed.push({ cell, error: job.failedReason });
      progress.line(`failed: ${describeCell(cell, cells)}: ${job.failedReason}`);
    }
  }
  function tell(finished: FinishedCell): void {
    const name = `[${known.size}/${cells.length}] ${describeCell(finished.cell, cells)}`;
    progress.line(`${name}: ${finishedLine(finished, [...open.values()], [...known.values()], workers)}`);
  }

  for (let poll = 1; open.size > 0; poll++) {
    signal.throwIfAborted();
    await takeFinished();
    await takeFailed();
    if (poll % pollsBetweenChecks === 0) await resubmitLost(queue, [...open.values()].map(jobOf));
    const { active = 0, waiting = 0 } = await queue.getJobCounts('active', 'waiting');
    workers = Math.max(1, active);
    progress.step(`${open.size} open, ${active} at work, ${waiting} waiting`);
    if (open.size > 0) await setTimeout(pollMilliseconds, undefined, { signal }).catch(() => {});
  }
  return { finished: keys.flatMap((key) => known.get(key) ?? []), failed };
}
