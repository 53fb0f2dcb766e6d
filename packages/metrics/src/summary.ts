import { aurocOf } from './auroc.js';
import { auprOf } from './average-precision.js';
import { type F1Max, f1MaxOf } from './f1-max.js';
import type { Ranking } from './ranking.js';

/** The metrics that need no regions. */
export interface RankingSummary {
  readonly auroc: number;
  /** Average precision. */
  readonly ap: number;
  readonly f1Max: F1Max;
  /** Why a metric is NaN, one line each. */
  readonly undefined: readonly string[];
}

/** AUROC, average precision and F1-max of a ranking; `noun` names its elements in the reasons. */
export function summarise(ranking: Ranking, noun: string): RankingSummary {
  return {
    auroc: aurocOf(ranking),
    ap: auprOf(ranking, 'step'),
    f1Max: f1MaxOf(ranking),
    undefined: undefinedReasons(ranking.normal.length, ranking.anomalous.length, noun),
  };
}

/** Which of AUROC, AP and F1-max are undefined with so many elements of each kind, and why. */
export function undefinedReasons(normalCount: number, anomalousCount: number, noun: string): string[] {
  const reasons: string[] = [];
  if (anomalousCount === 0) {
    for (const metric of ['AUROC', 'AP', 'F1-max']) reasons.push(`${metric}: no anomalous ${noun}`);
  }
  if (normalCount === 0) reasons.push(`AUROC: no normal ${noun}`);
  return reasons;
}
