import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeAtomically } from '@anomclip/core/node';
import type { Evidence } from './cell.js';
import { environment } from './environment.js';
import { offlineBenchmark } from './open-data.js';
import { type Paper, paperRow } from './paper.js';
import { renderReproduction } from './report.js';
import { type FinishedCell, readEvidence } from './results-file.js';
import { type SummariseOptions, type SummaryRow, type SummaryTable, summarise } from './summarise.js';
import { textTable } from './text-table.js';

export interface WriteReportsOptions extends SummariseOptions {
  readonly title: string;
  /** Lines under the title. */
  readonly notes?: readonly string[];
  readonly settings?: readonly (readonly [name: string, value: string])[];
  /** Whose numbers stand beside ours. @defaultValue none */
  readonly paper?: Paper;
  /** Setting of the paper's tables that a table of ours is compared with. @defaultValue any */
  readonly setting?: string;
  /** Dataset whose printed means stand beside those of the offline benchmark. @defaultValue 'mvtec3d' */
  readonly offlinePaperDataset?: string;
  /** Metrics that are shown, in this order. @defaultValue all */
  readonly metrics?: readonly string[];
}

/**
 * Prints the tables of the finished cells beside the paper's numbers, and writes `summary.json` and `report.html`, one file
 * with tables, ROC curves and pictures.
 *
 * @param output - The folder that `runCells` wrote to.
 */
export async function writeReports(
  output: string,
  finished: readonly FinishedCell[],
  options: WriteReportsOptions,
): Promise<void> {
  const {
    title,
    notes = [],
    settings = [],
    paper,
    setting,
    metrics,
    rowOf,
    offlinePaperDataset = 'mvtec3d',
  } = options;
  const all = summarise(finished, rowOf ? { rowOf } : {});
  const tables = metrics ? metrics.flatMap((metric) => all.filter((table) => table.metric === metric)) : all;
  const paperRowOf = ({ dataset, part, metric }: SummaryTable, { method, k }: SummaryRow) =>
    paper &&
    paperRow(paper, {
      dataset: dataset === offlineBenchmark ? offlinePaperDataset : dataset,
      metric,
      method,
      ...(part && { part }),
      ...(k !== undefined && { k }),
      ...(setting && { setting }),
    });
  console.log(`\n${title}\n`);
  for (const note of notes) console.log(`${note}\n`);
  for (const table of tables) console.log(`${textTable(table, paperRowOf)}\n`);

  const machine = Object.entries(await environment()).map(([name, value]) => [name, String(value)] as const);
  await writeAtomically(
    join(output, 'summary.json'),
    `${JSON.stringify({ title, notes, tables }, null, 2)}\n`,
  );
  const report = resolve(output, 'report.html');
  await writeAtomically(
    report,
    renderReproduction({
      title,
      notes,
      defects: paper?.defects ?? [],
      tables,
      paperRowOf,
      evidence: await firstEvidence(
        output,
        finished,
        rowOf ?? (({ method, k }) => (k ? `${method}, ${k}-shot` : method)),
      ),
      settings: [...settings, ...machine, ['date', new Date().toISOString()]],
      finished,
    }),
  );
  console.log(`Results: ${resolve(output, 'results.jsonl')}, ${resolve(output, 'summary.json')}`);
  console.log(`Report: ${pathToFileURL(report)}`);
}

/** Of every row and class the evidence of its first run: more would fill the report with repetitions. */
async function firstEvidence(
  output: string,
  finished: readonly FinishedCell[],
  rowOf: (cell: FinishedCell['cell']) => string,
): Promise<{ row: string; of: Evidence }[]> {
  const found = new Map<string, { row: string; of: Evidence }>();
  for (const { key, cell } of finished) {
    const row = rowOf(cell);
    for (const of of await readEvidence(output, key)) {
      const name = JSON.stringify([row, of.className, of.part]);
      if (!found.has(name)) found.set(name, { row, of });
    }
  }
  return [...found.values()];
}
