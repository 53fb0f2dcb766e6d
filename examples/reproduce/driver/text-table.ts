import { formatPercent } from '@anomclip/metrics';
import { type OverviewRow, overviewMetrics } from './overview.js';
import type { PaperRow } from './paper.js';
import type { Estimate, SummaryRow, SummaryTable } from './summarise.js';

/** The row of the paper that belongs beside a row of ours. */
export type PaperRowOf = (table: SummaryTable, row: SummaryRow) => PaperRow | undefined;

/** A table as aligned text: classes in columns, below each method what the paper prints for it. */
export function textTable(table: SummaryTable, paperRowOf: PaperRowOf = () => undefined): string {
  const columns = [...table.classNames, 'mean'];
  const header = [[table.metric, table.part, table.dataset].filter(Boolean).join(', '), ...columns];
  const rows = table.rows.flatMap((row) => {
    const ours = [
      row.name,
      ...columns.map((name) => formatEstimate(name === 'mean' ? row.mean : row.classes[name])),
    ];
    const paper = paperRowOf(table, row);
    return paper
      ? [ours, [`  ${paperName(table, paper)}`, ...columns.map((name) => formatPaper(paper, name))]]
      : [ours];
  });
  return aligned(header, rows);
}

/** Means of all rows, metrics in columns. */
export function overviewTable(rows: readonly OverviewRow[]): string {
  return aligned(
    ['mean over the classes', 'dataset', ...overviewMetrics],
    rows.map(({ name, dataset, means }) => [
      name,
      dataset,
      ...overviewMetrics.map((metric) => formatEstimate(means[metric])),
    ]),
  );
}

function aligned(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((cells) => cells[column].length)),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return [line(header), '-'.repeat(line(header).length), ...rows.map(line)].join('\n');
}

/** Says so where the printed numbers are of another dataset. */
export function paperName({ dataset }: SummaryTable, paper: PaperRow): string {
  return `paper${paper.dataset === dataset ? '' : ` on ${paper.dataset}`}, ${paper.tables.join(', ')}`;
}

/** `98.8`, with several runs `98.8 ± 0.4`; a dash where there is no value. */
export function formatEstimate(estimate: Estimate | undefined): string {
  if (!estimate) return '–';
  const { mean, deviation } = estimate;
  return Number.isNaN(deviation)
    ? formatPercent(mean)
    : `${formatPercent(mean)} ± ${formatPercent(deviation)}`;
}

/** As printed; `?` marks cells that contradict others of the paper. */
export function formatPaper({ values, doubtful }: PaperRow, className: string): string {
  const value = values[className];
  if (value === undefined || value === null) return '–';
  return `${value.toFixed(1)}${doubtful.includes(className) ? '?' : ''}`;
}
