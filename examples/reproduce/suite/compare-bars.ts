import { aligned } from '../driver/text-table.js';

/** Means of one row of the overview over the seeds, fractions in [0, 1]; as JSON says them. */
export interface BarRow {
  readonly name: string;
  readonly means: { readonly [metric: string]: BarEstimate };
}

interface BarEstimate {
  readonly mean: number;
  /** Over the seeds; null of a single run. */
  readonly deviation: number | null;
}

/** One mean beside the recorded one. */
export interface Bar {
  readonly row: string;
  readonly metric: string;
  /** Absent where nothing is recorded. */
  readonly recorded?: number;
  /** How far from the recorded mean the measured one may be. */
  readonly tolerance?: number;
  /** Absent where nothing was measured. */
  readonly measured?: number;
  readonly verdict: 'ok' | 'too low' | 'too high' | 'not measured' | 'not recorded';
}

/**
 * Deviation of what has less. A score that changes its place in one of the small test splits moves a mean over the classes
 * by less than 0.005, and on another processor some do.
 */
export const leastDeviation = 0.01;

/** All means that either has: those of recorded rows first. A mean may be two deviations from the recorded one. */
export function compareBars(recorded: readonly BarRow[], measured: readonly BarRow[]): Bar[] {
  const known = recorded.flatMap(({ name, means }) =>
    Object.entries(means).map(([metric, { mean, deviation }]): Bar => {
      const tolerance = 2 * Math.max(deviation ?? 0, leastDeviation);
      const found = meanOf(measured, name, metric);
      const bar = { row: name, metric, recorded: mean, tolerance };
      return found === undefined
        ? { ...bar, verdict: 'not measured' }
        : { ...bar, measured: found, verdict: verdictOf(found - mean, tolerance) };
    }),
  );
  const others = measured.flatMap(({ name, means }) =>
    Object.entries(means).flatMap(([metric, { mean }]): Bar[] =>
      meanOf(recorded, name, metric) === undefined
        ? [{ row: name, metric, measured: mean, verdict: 'not recorded' }]
        : [],
    ),
  );
  return [...known, ...others];
}

/** One line for each row and metric, in percent. */
export function barsTable(bars: readonly Bar[]): string {
  const percent = (fraction: number | undefined) =>
    fraction === undefined ? '–' : (100 * fraction).toFixed(1);
  return aligned(
    ['', 'metric', 'recorded', 'measured', 'verdict'],
    bars.map(({ row, metric, recorded, tolerance, measured, verdict }) => [
      row,
      metric,
      recorded === undefined ? '–' : `${percent(recorded)} ± ${percent(tolerance)}`,
      percent(measured),
      verdict,
    ]),
  );
}

function meanOf(rows: readonly BarRow[], name: string, metric: string): number | undefined {
  return rows.find((row) => row.name === name)?.means[metric]?.mean;
}

function verdictOf(difference: number, tolerance: number): Bar['verdict'] {
  if (Math.abs(difference) <= tolerance) return 'ok';
  return difference < 0 ? 'too low' : 'too high';
}
