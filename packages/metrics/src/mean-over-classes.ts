/** A metric in a result: a number, or an object that has it as `value` (F1-max, AUPRO). */
type Metric = number | { readonly value: number };

type MetricNames<Result> = {
  [Name in keyof Result]: Result[Name] extends Metric ? Name : never;
}[keyof Result];

export interface ClassMeans<Name extends PropertyKey> {
  /** Unweighted mean of every metric over the classes where it is defined; NaN where it is in none. */
  readonly mean: Readonly<Record<Name, number>>;
  /** How many classes were left out of each mean because the metric is NaN there. */
  readonly leftOut: Readonly<Record<Name, number>>;
  readonly classes: number;
}

/**
 * Means over classes, as papers print them: every class counts the same, undefined values are left out and
 * counted. Takes results of {@link imageMetrics}, {@link pixelMetrics} or {@link cloudMetrics}, or any objects
 * with numbers; counts in them are averaged too, lists are passed over.
 */
export function meanOverClasses<Result extends object>(
  results: readonly Result[],
): ClassMeans<MetricNames<Result>> {
  const mean: Record<string, number> = {};
  const leftOut: Record<string, number> = {};
  const names = new Set(results.flatMap((result) => Object.keys(result)));
  for (const name of names) {
    const values = results.map((result) => numberOf((result as Record<string, unknown>)[name]));
    if (values.every((value) => value === undefined)) continue;
    const defined = values.filter((value) => value !== undefined && !Number.isNaN(value)) as number[];
    mean[name] = defined.reduce((sum, value) => sum + value, 0) / defined.length;
    leftOut[name] = results.length - defined.length;
  }
  return { mean, leftOut, classes: results.length } as ClassMeans<MetricNames<Result>>;
}

function numberOf(metric: unknown): number | undefined {
  if (typeof metric === 'number') return metric;
  if (typeof metric !== 'object' || metric === null || !('value' in metric)) return undefined;
  return typeof metric.value === 'number' ? metric.value : undefined;
}
