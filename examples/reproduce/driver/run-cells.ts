import { AnomclipError, ArgumentError } from '@anomclip/core';
import { createProgress, type Progress } from '../../shared/progress.js';
import { type Cell, type CellOptions, type CellResult, cellKey, describeCell } from './cell.js';
import { type CellOutcome, finishCell } from './finish-cell.js';
import {
  clearResults,
  type FinishedCell,
  readResults,
  recordOutcome,
  removeTornLine,
} from './results-file.js';

/** What a cell hears and says while it runs. */
export interface CellContext {
  /** Stops the cell at its next step. */
  readonly signal: AbortSignal;
  /** Says what is being done; on a terminal it replaces the last. */
  step(text: string): void;
}

/** Does the work of one cell. Never writes to standard output. */
export type RunCell<Options extends CellOptions = CellOptions> = (
  cell: Cell<Options>,
  context: CellContext,
) => Promise<CellResult>;

/** Has a cell run, here or elsewhere. */
export type ExecuteCell = (cell: Cell, context: CellContext) => Promise<CellOutcome>;

export interface RunCellsOptions {
  /** Folder of `results.jsonl` and of the evidence for the report. */
  readonly output: string;
  /** Whether cells that are in the results already are kept and not run again; else all results are forgotten. @defaultValue true */
  readonly resume?: boolean;
  /** Lists the cells and what they would take, and runs none. @defaultValue false */
  readonly dryRun?: boolean;
  /** @defaultValue never aborted */
  readonly signal?: AbortSignal;
  /** @defaultValue lines on standard error */
  readonly progress?: Progress;
}

/**
 * Runs the cells that have no result yet, one after the other. Each is written to the disk when it is finished, so a run
 * that is killed loses at most the running cell, and the same call goes on with the next.
 *
 * @returns The finished ones among `cells`, in their order.
 * @throws The signal's reason; what a cell throws; {@link ArgumentError} when two cells are the same.
 */
export async function runCells<Options extends CellOptions>(
  cells: readonly Cell<Options>[],
  runCell: RunCell<Options>,
  options: RunCellsOptions,
): Promise<FinishedCell[]> {
  const execute = (cell: Cell, context: CellContext) => finishCell(cell as Cell<Options>, runCell, context);
  const { finished, failed } = await executeCells(cells, execute, { ...options, stopAtFailure: true });
  if (failed.length > 0) throw failed[0].error;
  return finished;
}

export interface ExecuteCellsOptions extends RunCellsOptions {
  /** Cells that run at the same time. @defaultValue 1 */
  readonly concurrency?: number;
  /** Whether the first cell that fails ends the run; else the others go on. @defaultValue false */
  readonly stopAtFailure?: boolean;
}

export interface ExecutedCells {
  /** In the order of the cells. */
  readonly finished: FinishedCell[];
  /** Cells that threw, and what. */
  readonly failed: { readonly cell: Cell; readonly error: unknown }[];
}

/**
 * {@link runCells} with the work done by `execute`, several cells at the same time.
 *
 * @throws The signal's reason; {@link ArgumentError} when two cells are the same.
 */
export async function executeCells(
  cells: readonly Cell[],
  execute: ExecuteCell,
  options: ExecuteCellsOptions,
): Promise<ExecutedCells> {
  const { output, resume = true, dryRun = false, signal = new AbortController().signal } = options;
  const { progress = createProgress(), concurrency = 1, stopAtFailure = false } = options;
  const keys = cells.map(cellKey);
  const twice = keys.findIndex((key, i) => keys.indexOf(key) !== i);
  if (twice >= 0) throw new ArgumentError('runCells', 'different cells', describeCell(cells[twice], cells));

  const known = new Map((resume ? await readResults(output) : []).map((result) => [result.key, result]));
  const open = cells.filter((_, i) => !known.has(keys[i]));
  progress.line(
    `${cells.length} cells, ${cells.length - open.length} finished before, ${open.length} to run`,
  );
  if (dryRun) {
    for (const [i, cell] of cells.entries()) {
      progress.line(`${known.has(keys[i]) ? 'done ' : 'to do'} ${keys[i]}  ${describeCell(cell, cells)}`);
    }
    if (open.length > 0) progress.line(estimateLine(open, [...known.values()], concurrency));
    return { finished: finishedOf(keys, known), failed: [] };
  }

  if (resume) await removeTornLine(output);
  else await clearResults(output);
  const failed: ExecutedCells['failed'] = [];
  const waiting = open.entries();
  const unfinished = new Set(open);
  async function takeCells(): Promise<void> {
    for (const [i, cell] of waiting) {
      signal.throwIfAborted();
      if (stopAtFailure && failed.length > 0) return;
      const name = `[${i + 1}/${open.length}] ${describeCell(cell, cells)}`;
      progress.line(name);
      let outcome: CellOutcome;
      try {
        outcome = await execute(cell, { signal, step: (text) => progress.step(`${name}: ${text}`) });
      } catch (error) {
        signal.throwIfAborted();
        unfinished.delete(cell);
        failed.push({ cell, error });
        if (!stopAtFailure)
          progress.line(
            `    [${i + 1}/${open.length}] failed: ${error instanceof Error ? error.message : error}`,
          );
        continue;
      }
      await recordOutcome(output, outcome);
      known.set(outcome.finished.key, outcome.finished);
      unfinished.delete(cell);
      progress.line(
        `    ${concurrency > 1 ? `[${i + 1}/${open.length}] ` : ''}${finishedLine(outcome.finished, [...unfinished], [...known.values()], concurrency)}`,
      );
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, open.length) }, takeCells));
  return { finished: finishedOf(keys, known), failed };
}

/** Aborted by Ctrl-C and by a request to end; a second Ctrl-C ends the program at once. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new AnomclipError('stopped; the same command goes on from here'));
  process.once('SIGTERM', abort);
  process.once('SIGINT', () => {
    abort();
    process.once('SIGINT', () => process.exit(130));
  });
  return controller.signal;
}

function estimateLine(open: readonly Cell[], finished: readonly FinishedCell[], concurrency: number): string {
  const seconds = estimateSeconds(open, finished);
  return seconds === undefined
    ? 'no time estimate yet: nothing has run here'
    : `about ${formatSeconds(seconds / Math.min(concurrency, open.length))}`;
}

/** How long a cell took, and what is left. */
export function finishedLine(
  { seconds }: FinishedCell,
  open: readonly Cell[],
  finished: readonly FinishedCell[],
  concurrency: number,
): string {
  const rest = estimateSeconds(open, finished);
  const toGo = rest ? `, about ${formatSeconds(rest / Math.min(concurrency, open.length))} to go` : '';
  return `${formatSeconds(seconds)}${toGo}`;
}

/** Mean time of the same method so far, else of all; undefined when nothing has run. Classes of a cell take their share. */
function estimateSeconds(open: readonly Cell[], finished: readonly FinishedCell[]): number | undefined {
  if (finished.length === 0) return undefined;
  const perClass = (of: readonly FinishedCell[]) =>
    of.reduce((sum, { seconds }) => sum + seconds, 0) /
    of.reduce((sum, { cell }) => sum + Math.max(1, cell.classes.length), 0);
  const ofAll = perClass(finished);
  return open.reduce((sum, { method, classes }) => {
    const same = finished.filter(({ cell }) => cell.method === method);
    return sum + Math.max(1, classes.length) * (same.length > 0 ? perClass(same) : ofAll);
  }, 0);
}

function finishedOf(keys: readonly string[], known: ReadonlyMap<string, FinishedCell>): FinishedCell[] {
  return keys.flatMap((key) => known.get(key) ?? []);
}

function formatSeconds(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return seconds < 6000 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
