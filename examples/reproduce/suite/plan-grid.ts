import type { Progress } from '../../shared/progress.js';
import { type Cell, cellKey } from '../driver/cell.js';
import { parseArgs } from '../driver/options.js';
import type { Study, StudyContext } from '../driver/reproduction.js';
import type { CellJob } from './cell-job.js';
import type { Grid, GridRun } from './grid.js';
import { reproductionOf } from './registry.js';

/** A grid whose cells are known. */
export interface PlannedGrid {
  readonly runs: readonly { readonly run: GridRun; readonly study: Study }[];
  /** Different ones: what several runs have in common is run once. */
  readonly cells: readonly Cell[];
  /** What a worker is told. */
  jobOf(cell: Cell): CellJob;
  dispose(): Promise<void>;
}

/**
 * Opens the data of all runs and plans their cells: those that the scripts would plan.
 *
 * @param output - Where the studies keep what they compute, e.g. features.
 */
export async function planGrid(
  grid: Grid,
  output: string,
  { progress, signal }: StudyContext,
): Promise<PlannedGrid> {
  const quiet = withoutRepetitions(progress);
  const runs: { run: GridRun; study: Study }[] = [];
  const cells = new Map<string, { cell: Cell; run: GridRun }>();
  for (const run of grid.runs) {
    signal.throwIfAborted();
    const study = await openStudy(run, output, { progress: quiet, signal });
    runs.push({ run, study });
    for (const cell of study.cells) {
      const key = cellKey(cell);
      if (!cells.has(key)) cells.set(key, { cell, run });
    }
  }
  return {
    runs,
    cells: [...cells.values()].map(({ cell }) => cell),
    jobOf(cell) {
      const key = cellKey(cell);
      const planned = cells.get(key);
      if (!planned) throw new Error(`the grid has no cell ${key}`);
      const { reproduction, args } = planned.run;
      return { key, reproduction, args };
    },
    async dispose() {
      for (const { study } of runs) await study.dispose();
    },
  };
}

/** A run as its script would open it. */
export function openStudy(
  { reproduction, args }: Pick<GridRun, 'reproduction' | 'args'>,
  output: string,
  context: StudyContext,
): Promise<Study> {
  const found = reproductionOf(reproduction);
  return found.open(parseArgs(found.command(), [...args, `--output=${output}`]), context);
}

/** Runs share their data, which needs to be described once. */
function withoutRepetitions(progress: Progress): Progress {
  const said = new Set<string>();
  return {
    step: (text) => progress.step(text),
    line(text) {
      if (!said.has(text)) progress.line(text);
      said.add(text);
    },
  };
}
