import type { Cell } from './cell.js';
import { methodAndShots } from './report-settings.js';
import type { FinishedCell } from './results-file.js';

/** A mean over runs. Fractions in [0, 1]. */
export interface Estimate {
  readonly mean: number;
  /** Standard deviation over the runs (divisor n − 1); NaN for a single run. */
  readonly deviation: number;
  readonly runs: number;
}

/** One method in one table. */
export interface SummaryRow {
  /** Method, with its number of shots. */
  readonly name: string;
  readonly method: string;
  readonly k?: number;
  readonly classes: { readonly [className: string]: Estimate };
  /** Mean over the classes of their means; its deviation is that of the means of the single runs. */
  readonly mean: Estimate;
}

/** One metric of one part of the results, all methods. */
export interface SummaryTable {
  readonly dataset: string;
  readonly part?: string;
  readonly metric: string;
  readonly classNames: readonly string[];
  readonly rows: readonly SummaryRow[];
}

/**
 * Tables of mean and deviation, as papers print them: classes first averaged over the runs, then over each other.
 *
 * @param rowOf - Names of the rows; cells of equal names are runs of one row.
 */
export function summarise(
  finished: readonly FinishedCell[],
  rowOf: (cell: Cell) => string = methodAndShots,
): SummaryTable[] {
  const values = finished.flatMap(({ cell, measurements }) =>
    measurements.flatMap(({ className, part = '', metrics }) =>
      Object.entries(metrics).map(([metric, value]) => ({
        cell,
        row: rowOf(cell),
        run: JSON.stringify([cell.seed, cell.options]),
        className,
        part,
        metric,
        value,
      })),
    ),
  );
  const tables = groups(values, ({ cell, part, metric }) => JSON.stringify([cell.dataset, part, metric]));
  return tables.map((ofTable) => {
    const [{ cell, part, metric }] = ofTable;
    return {
      dataset: cell.dataset,
      ...(part && { part }),
      metric,
      classNames: unique(ofTable.map(({ className }) => className)),
      rows: groups(ofTable, ({ row }) => row).map((ofRow): SummaryRow => {
        const [{ row, cell }] = ofRow;
        const byClass = groups(ofRow, ({ className }) => className);
        const runMeans = groups(ofRow, ({ run }) => run).map((ofRun) => average(ofRun.map(fractionOf)));
        const classes = Object.fromEntries(
          byClass.map((ofClass) => [ofClass[0].className, estimate(ofClass.map(fractionOf))]),
        );
        const mean = average(Object.values(classes).map((ofClass) => ofClass.mean));
        return {
          name: row,
          method: cell.method,
          ...(cell.k !== undefined && { k: cell.k }),
          classes,
          mean: { ...estimate(runMeans), mean },
        };
      }),
    };
  });
}

function fractionOf({ value }: { readonly value: number }): number {
  return value;
}

/** Undefined values are left out. */
function estimate(values: readonly number[]): Estimate {
  const defined = values.filter((value) => !Number.isNaN(value));
  const mean = average(defined);
  const squares = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = defined.length > 1 ? Math.sqrt(squares / (defined.length - 1)) : Number.NaN;
  return { mean, deviation, runs: defined.length };
}

/** NaN of nothing. */
function average(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/** In the order in which they first occur. */
function groups<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = found.get(key);
    if (group) group.push(item);
    else found.set(key, [item]);
  }
  return [...found.values()];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
