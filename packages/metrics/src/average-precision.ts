import { MetricsInputError } from './errors.js';
import type { LabelInput, ScoreInput } from './inputs.js';
import { type PoolOptions, poolScores } from './pool.js';
import { GroupCursor, type Ranking, rank } from './ranking.js';

export interface AuprOptions extends PoolOptions {
  /**
   * `'step'` is average precision. `'trapezoid'` joins the points by straight lines, from recall 0 at
   * precision 1: some toolkits print it, and it is optimistic under ties. @defaultValue `'step'`
   */
  rule?: 'step' | 'trapezoid';
}

/**
 * Average precision: Σ (recall_k − recall_k−1) · precision_k over the groups of equal scores, no interpolation.
 *
 * @param scores - A list of scores, or one map per image, whose pixels are pooled.
 * @param labels - In the form of the scores; non-zero is anomalous.
 * @returns A fraction in [0, 1]; NaN without an anomalous element, 1 without a normal one.
 * @throws {@link MetricsInputError} when lengths or sizes differ, or on NaN unless `nan` allows it.
 */
export function averagePrecision(scores: ScoreInput, labels: LabelInput, options: PoolOptions = {}): number {
  return auprOf(rank(poolScores('averagePrecision', scores, labels, options)), 'step');
}

/** Area under the precision-recall curve by the chosen rule; otherwise like {@link averagePrecision}. */
export function aupr(scores: ScoreInput, labels: LabelInput, options: AuprOptions = {}): number {
  const { rule = 'step' } = options;
  if (rule !== 'step' && rule !== 'trapezoid') {
    throw new MetricsInputError('aupr', "rule to be 'step' or 'trapezoid'", rule);
  }
  return auprOf(rank(poolScores('aupr', scores, labels, options)), rule);
}

/** Area under the precision-recall curve of a ranking. */
export function auprOf(ranking: Ranking, rule: 'step' | 'trapezoid'): number {
  const anomalousCount = ranking.anomalous.length;
  if (anomalousCount === 0) return Number.NaN;
  const cursor = new GroupCursor(ranking);
  let area = 0;
  let previousTrue = 0;
  let previousPrecision = 1;
  while (previousTrue < anomalousCount && cursor.next()) {
    const { truePositives, falsePositives } = cursor;
    const precision = truePositives / (truePositives + falsePositives);
    const height = rule === 'step' ? precision : (precision + previousPrecision) / 2;
    area += (truePositives - previousTrue) * height;
    previousTrue = truePositives;
    previousPrecision = precision;
  }
  return area / anomalousCount;
}
