import { MetricsInputError } from './errors.js';
import type { LabelInput, ScoreInput } from './inputs.js';
import { type PoolOptions, poolScores } from './pool.js';
import { GroupCursor, type Ranking, rank } from './ranking.js';

export interface F1MaxOptions extends PoolOptions {
  /** How many times recall counts as much as precision, > 0; 1 is F1. @defaultValue 1 */
  fBeta?: number;
}

/** The best F score over all thresholds, and where it is reached. All NaN without an anomalous element. */
export interface F1Max {
  readonly value: number;
  /** Elements with score ≥ threshold are predicted anomalous; the lowest of several equally good ones. */
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}

/**
 * The largest F1 over all thresholds: max 2 TP / (2 TP + FP + FN). The threshold is chosen on the labels it is
 * judged by, so this is an oracle: say so where it is printed.
 *
 * @param scores - A list of scores, or one map per image, whose pixels are pooled.
 * @param labels - In the form of the scores; non-zero is anomalous.
 * @throws {@link MetricsInputError} when lengths or sizes differ, or on NaN unless `nan` allows it.
 */
export function f1Max(scores: ScoreInput, labels: LabelInput, options: F1MaxOptions = {}): F1Max {
  const { fBeta = 1 } = options;
  if (!(fBeta > 0 && fBeta < Infinity)) throw new MetricsInputError('f1Max', 'fBeta > 0', fBeta);
  return f1MaxOf(rank(poolScores('f1Max', scores, labels, options)), fBeta);
}

/** F1-max of a ranking. */
export function f1MaxOf(ranking: Ranking, fBeta = 1): F1Max {
  const anomalousCount = ranking.anomalous.length;
  let best = { value: Number.NaN, threshold: Number.NaN, truePositives: 0, falsePositives: 0 };
  if (anomalousCount > 0) {
    const cursor = new GroupCursor(ranking);
    best = { value: 0, threshold: Infinity, truePositives: 0, falsePositives: 0 };
    while (cursor.next()) {
      const { threshold, truePositives, falsePositives } = cursor;
      const value = fScore(truePositives, falsePositives, anomalousCount, fBeta);
      if (value >= best.value) best = { value, threshold, truePositives, falsePositives };
    }
  }
  const { value, threshold, truePositives, falsePositives } = best;
  return {
    value,
    threshold,
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / anomalousCount,
  };
}

/** (1 + β²) TP / ((1 + β²) TP + β² FN + FP). */
export function fScore(
  truePositives: number,
  falsePositives: number,
  anomalousCount: number,
  fBeta = 1,
): number {
  const squared = fBeta * fBeta;
  return (
    ((1 + squared) * truePositives) / (truePositives + falsePositives + squared * anomalousCount) // FN = P − TP
  );
}
