import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeAtomically } from '@anomclip/core/node';
import type { Cell, Evidence } from './cell.js';
import { environment } from './environment.js';
import { offlineBenchmark } from './open-data.js';
import { overviewOf } from './overview.js';
import { paperRow } from './paper.js';
import { type ReportedPart, renderReproduction } from './report.js';
import { methodAndShots, type ReportSettings } from './report-settings.js';
import { type FinishedCell, readEvidence } from './results-file.js';
import { type SummaryRow, type SummaryTable, summarise } from './summarise.js';
import { overviewTable, type PaperRowOf, textTable } from './text-table.js';

/** The results of one reproduction. */
export interface ReportPart extends ReportSettings {
  /** The reproduction's. */
  readonly name: string;
  readonly finished: readonly FinishedCell[];
}

/**
 * Prints the tables of the finished cells beside the papers' numbers, and writes `summary.json` and `report.html`, one file
 * with tables, curves, pictures and points. Several parts get an overview of their means first.
 *
 * @param output - The folder that `runCells` wrote to.
 */
export async function writeReports(
  output: string,
  title: string,
  parts: readonly ReportPart[],
): Promise<void> {
  const machine = Object.entries(await environment()).map(([name, value]) => [name, String(value)] as const);
  const date = new Date().toISOString();
  const reported: ReportedPart[] = [];
  for (const part of parts) {
    const { notes = [], settings = [], paper, rowOf = methodAndShots } = part;
    reported.push({
      name: part.name,
      title: part.title,
      notes,
      settings,
      tables: tablesOf(part),
      defects: paper?.defects ?? [],
      paperRowOf: paperRowOf(part),
      evidence: await firstEvidence(output, part.finished, rowOf),
    });
  }
  const overview = parts.length > 1 ? overviewOf(reported) : [];

  console.log(`\n${title}\n`);
  for (const { title: ofPart, notes, tables, paperRowOf } of reported) {
    if (parts.length > 1) console.log(`${ofPart}\n`);
    for (const note of notes) console.log(`${note}\n`);
    for (const table of tables) console.log(`${textTable(table, paperRowOf)}\n`);
  }
  if (overview.length > 0) console.log(`${overviewTable(overview)}\n`);

  const summary = {
    title,
    ...(overview.length > 0 && { overview }),
    parts: reported.map(({ name, title: ofPart, notes, tables }) => ({ name, title: ofPart, notes, tables })),
  };
  await writeAtomically(join(output, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  const report = resolve(output, 'report.html');
  const html = await renderReproduction({
    title,
    overview,
    parts: reported,
    settings: [...machine, ['date', date]],
    finished: parts.flatMap(({ finished }) => finished),
  });
  await writeAtomically(report, html);
  console.log(`Results: ${resolve(output, 'results.jsonl')}, ${resolve(output, 'summary.json')}`);
  console.log(`Report: ${pathToFileURL(report)}`);
}

/** Tables of a part, its metrics in their order. */
function tablesOf({ finished, metrics, rowOf }: ReportPart): SummaryTable[] {
  const all = summarise(finished, rowOf);
  return metrics ? metrics.flatMap((metric) => all.filter((table) => table.metric === metric)) : all;
}

function paperRowOf({ paper, setting, offlinePaperDataset = 'mvtec3d' }: ReportPart): PaperRowOf {
  return ({ dataset, part, metric }: SummaryTable, { method, k }: SummaryRow) =>
    paper &&
    paperRow(paper, {
      dataset: dataset === offlineBenchmark ? offlinePaperDataset : dataset,
      metric,
      method,
      ...(part && { part }),
      ...(k !== undefined && { k }),
      ...(setting && { setting }),
    });
}

/** Of every row and class the evidence of its first run: more would fill the report with repetitions. */
async function firstEvidence(
  output: string,
  finished: readonly FinishedCell[],
  rowOf: (cell: Cell) => string,
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
