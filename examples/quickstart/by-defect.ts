import { auroc, meanOverClasses } from '@anomclip/metrics';
import type { CategoryResult, ScanScore } from './results.js';

/** How well scans with one kind of defect are found. */
export interface DefectResult {
  readonly defectType: string;
  /** Categories that have this defect, and their scans with it. */
  readonly categoryCount: number;
  readonly scanCount: number;
  /** The scans with this defect against all normal scans of their category, averaged over the categories. */
  readonly imageAuroc: number;
}

/** One entry per kind of defect, by name. */
export function byDefect(categories: readonly CategoryResult[]): DefectResult[] {
  const anomalous = categories.flatMap(({ scans }) => scans.filter(({ label }) => label === 1));
  const defectTypes = [...new Set(anomalous.map(({ defectType }) => defectType))].sort();
  return defectTypes.map((defectType) => {
    const withDefect = categories
      .map(({ scans }) => scans.filter((scan) => scan.label === 0 || scan.defectType === defectType))
      .filter((scans) => scans.some(({ label }) => label === 1));
    return {
      defectType,
      categoryCount: withDefect.length,
      scanCount: anomalous.filter((scan) => scan.defectType === defectType).length,
      imageAuroc: meanOverClasses(withDefect.map((scans) => ({ auroc: imageAuroc(scans) }))).mean.auroc,
    };
  });
}

function imageAuroc(scans: readonly ScanScore[]): number {
  const scores = Float64Array.from(scans, ({ imageScore }) => imageScore);
  const labels = Uint8Array.from(scans, ({ label }) => label);
  return auroc(scores, labels);
}
