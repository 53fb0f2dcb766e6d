import type { Estimate, SummaryTable } from './summarise.js';

/** Metrics that most methods have. */
export const overviewMetrics = ['I-AUROC', 'P-AUROC', 'AUPRO'] as const;

/** The means of one row of a reproduction. */
export interface OverviewRow {
  /** Row, with its part, and with the reproduction where several have a row of that name. */
  readonly name: string;
  readonly dataset: string;
  /** Metric → mean over the classes; absent for metrics that the method does not have. */
  readonly means: { readonly [metric: string]: Estimate };
}

/** All rows of all reproductions with their means: each as its own paper evaluates it. */
export function overviewOf(
  parts: readonly { readonly name: string; readonly tables: readonly SummaryTable[] }[],
): OverviewRow[] {
  const rows = parts.flatMap(({ name: reproduction, tables }) => {
    const found = new Map<
      string,
      { name: string; reproduction: string; dataset: string; means: Record<string, Estimate> }
    >();
    for (const { dataset, part, metric, rows } of tables) {
      if (!overviewMetrics.some((known) => known === metric)) continue;
      for (const row of rows) {
        const name = [row.name, part].filter(Boolean).join(', ');
        const key = JSON.stringify([dataset, name]);
        const entry = found.get(key) ?? { name, reproduction, dataset, means: {} };
        entry.means[metric] = row.mean;
        found.set(key, entry);
      }
    }
    return [...found.values()];
  });
  return rows.map(({ name, reproduction, dataset, means }) => {
    const isShared = rows.some((other) => other.name === name && other.reproduction !== reproduction);
    return { name: isShared ? `${name} (${reproduction})` : name, dataset, means };
  });
}
