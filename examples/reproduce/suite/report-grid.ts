import { type Cell, cellKey } from '../driver/cell.js';
import { methodAndShots } from '../driver/report-settings.js';
import type { FinishedCell } from '../driver/results-file.js';
import { type ReportPart, writeReports } from '../driver/write-reports.js';
import type { Grid } from './grid.js';
import type { PlannedGrid } from './plan-grid.js';

/** Tables and one report of all runs: a part for each reproduction, whose runs differ in the names of their rows. */
export async function reportGrid(
  output: string,
  grid: Grid,
  { runs }: Pick<PlannedGrid, 'runs'>,
  finished: readonly FinishedCell[],
): Promise<void> {
  const labels = new Map<string, string>(); // of the first run with the cell, as it is run
  for (const { run, study } of runs.toReversed()) {
    for (const cell of study.cells) labels.set(cellKey(cell), run.label);
  }
  const parts: ReportPart[] = [];
  for (const name of new Set(runs.map(({ run }) => run.reproduction))) {
    const own = runs.filter(({ run }) => run.reproduction === name);
    const keys = new Set(own.flatMap(({ study }) => study.cells.map(cellKey)));
    const ofPart = finished.filter(({ key }) => keys.has(key));
    if (ofPart.length === 0) continue;
    const settings = await own[0].study.report(ofPart);
    const { rowOf = methodAndShots } = settings;
    const labelled = (cell: Cell) => [rowOf(cell), labels.get(cellKey(cell))].filter(Boolean).join(', ');
    parts.push({ ...settings, name, finished: ofPart, rowOf: labelled });
  }
  await writeReports(output, grid.title, parts);
}
