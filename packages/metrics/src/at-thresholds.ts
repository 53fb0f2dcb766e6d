import { MetricsInputError } from './errors.js';
import { fScore } from './f1-max.js';
import type { LabelInput, ScoreInput } from './inputs.js';
import { type PoolOptions, poolScores } from './pool.js';
import { countBelow, rank } from './ranking.js';

/** Parallel lists, one entry per threshold in the order given. What would be 0 / 0 is NaN. */
export interface ThresholdMetrics {
  readonly threshold: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly falseNegatives: Float64Array;
  readonly trueNegatives: Float64Array;
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly f1: Float64Array;
  /** TP / (TP + FP + FN). */
  readonly iou: Float64Array;
  /** False positive rate. */
  readonly fpr: Float64Array;
  /** Mean share of a region that is found; NaN for a flat list of scores, which has no regions. */
  readonly pro: Float64Array;
}

/**
 * Counts and rates when elements with score ≥ threshold are predicted anomalous, for many thresholds at the
 * cost of one sort.
 *
 * @param scores - A list of scores, or one map per image, whose pixels are pooled.
 * @param labels - In the form of the scores; non-zero is anomalous.
 * @param thresholds - In the unit of the scores, in any order.
 * @throws {@link MetricsInputError} when lengths or sizes differ, or on NaN unless `nan` allows it.
 */
export function atThresholds(
  scores: ScoreInput,
  labels: LabelInput,
  thresholds: ArrayLike<number>,
  options: PoolOptions = {},
): ThresholdMetrics {
  const threshold = Float64Array.from(thresholds);
  if (threshold.some(Number.isNaN)) throw new MetricsInputError('atThresholds', 'numbers as thresholds', NaN);
  const { normal, anomalous, share, regionCount } = rank(poolScores('atThresholds', scores, labels, options));
  const overlapFrom = sumsToEnd(share);

  const truePositives = threshold.map((t) => anomalous.length - countBelow(anomalous, t));
  const falsePositives = threshold.map((t) => normal.length - countBelow(normal, t));
  return {
    threshold,
    truePositives,
    falsePositives,
    falseNegatives: truePositives.map((count) => anomalous.length - count),
    trueNegatives: falsePositives.map((count) => normal.length - count),
    precision: truePositives.map((count, i) => count / (count + falsePositives[i])),
    recall: truePositives.map((count) => count / anomalous.length),
    f1: truePositives.map((count, i) => fScore(count, falsePositives[i], anomalous.length)),
    iou: truePositives.map((count, i) => count / (anomalous.length + falsePositives[i])),
    fpr: falsePositives.map((count) => count / normal.length),
    pro: truePositives.map((count) => Math.min(1, overlapFrom[overlapFrom.length - 1 - count] / regionCount)),
  };
}

/** Element i is the sum of values i, i + 1, … to the end; one element longer than `values`. */
function sumsToEnd(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = values.length - 1; i >= 0; i--) sums[i] = sums[i + 1] + values[i];
  return sums;
}
