import { AnomclipError, ArgumentError } from '@anomclip/core';
import { createProgress, type Progress } from '../../shared/progress.js';
import { type Cell, type CellOptions, type CellResult, cellKey, describeCell } from './cell.js';
import { environment } from './environment.js';
import {
  appendResult,
  clearResults,
  type FinishedCell,
  readResults,
  removeTornLine,
  writeEvidence,
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
  const { output, resume = true, dryRun = false, signal = new AbortController().signal } = options;
  const { progress = createProgress() } = options;
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
    const estimate = estimateSeconds(open, [...known.values()]);
    progress.line(
      estimate === undefined
        ? 'no time estimate yet: none of these methods has run here'
        : `about ${formatSeconds(estimate)}`,
    );
    return finishedOf(keys, known);
  }

  if (resume) await removeTornLine(output);
  else await clearResults(output);
  const environmentOfRun = await environment();
  for (const [i, cell] of open.entries()) {
    signal.throwIfAborted();
    const start = performance.now();
    const name = `[${i + 1}/${open.length}] ${describeCell(cell, cells)}`;
    progress.line(name);
    const result = await runCell(cell, { signal, step: (text) => progress.step(`${name}: ${text}`) });
    signal.throwIfAborted();
    const seconds = (performance.now() - start) / 1000;
    const finished: FinishedCell = {
      key: cellKey(cell),
      cell,
      measurements: result.measurements,
      details: result.details ?? {},
      seconds: Number(seconds.toFixed(3)),
      finishedAt: new Date().toISOString(),
      environment: environmentOfRun,
    };
    await writeEvidence(output, cell, result);
    await appendResult(output, finished);
    known.set(finished.key, finished);
    const rest = estimateSeconds(open.slice(i + 1), [...known.values()]);
    progress.line(`    ${formatSeconds(seconds)}${rest ? `, about ${formatSeconds(rest)} to go` : ''}`);
  }
  return finishedOf(keys, known);
}

/** Aborted by Ctrl-C; a second Ctrl-C ends the program at once. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort(new AnomclipError('stopped; the same command goes on from here'));
    process.once('SIGINT', () => process.exit(130));
  });
  return controller.signal;
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
