import type { FinishedCell } from '../driver/results-file.js';
import type { ThreeDzalCell } from './plan.js';

/** Name of the tables that have one column per training class. */
const meansPart = 'mean over the test classes, by training class';

/**
 * The last columns of Tables 1 and 2 as cells of their own: of every method, training class and seed the mean over the test
 * classes.
 */
export function meansByTrainingClass(finished: readonly FinishedCell[]): FinishedCell[] {
  const groups = new Map<string, FinishedCell[]>();
  for (const result of finished) {
    const { method, seed, options } = result.cell as ThreeDzalCell;
    const name = JSON.stringify([method, seed, options.train]);
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  return [...groups.values()].map((group): FinishedCell => {
    const [first] = group;
    const { options } = first.cell as ThreeDzalCell;
    const measured = group.flatMap(({ measurements }) => measurements);
    const metrics = Object.keys(measured[0].metrics).map((name) => [
      name,
      measured.reduce((sum, { metrics }) => sum + metrics[name], 0) / measured.length,
    ]);
    const measurement = {
      className: options.train.join(' + '),
      part: meansPart,
      metrics: Object.fromEntries(metrics) as Record<string, number>,
    };
    return { ...first, measurements: [measurement], details: {} };
  });
}
