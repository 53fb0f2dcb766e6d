import { checkFprLimit, type LabelInput, type ScoreInput } from './inputs.js';
import { type PoolOptions, poolScores } from './pool.js';
import { GroupCursor, type Ranking, rank } from './ranking.js';

export interface AurocOptions extends PoolOptions {
  /**
   * Integrates up to this false positive rate only and divides by it, in (0, 1]. This is the plain partial
   * area, not McClish's correction. @defaultValue 1
   */
  fprLimit?: number;
}

/**
 * Area under the ROC curve: the probability that a random anomalous element scores above a random normal
 * one, ties counted one half. Given maps and masks, it pools the pixels of all images (P-AUROC).
 *
 * @param scores - A list of scores, or one map per image.
 * @param labels - In the form of the scores; non-zero is anomalous.
 * @returns A fraction in [0, 1]; NaN without a normal or without an anomalous element.
 * @throws {@link MetricsInputError} when lengths or sizes differ, or on NaN unless `nan` allows it.
 */
export function auroc(scores: ScoreInput, labels: LabelInput, options: AurocOptions = {}): number {
  const { fprLimit = 1 } = options;
  checkFprLimit('auroc', fprLimit);
  return aurocOf(rank(poolScores('auroc', scores, labels, options)), fprLimit);
}

/** AUROC of a ranking. */
export function aurocOf(ranking: Ranking, fprLimit = 1): number {
  const normalCount = ranking.normal.length;
  const anomalousCount = ranking.anomalous.length;
  if (normalCount === 0 || anomalousCount === 0) return Number.NaN;

  // Twice the area in units of one pair: whole numbers, exact while there are fewer than 2^52 pairs.
  const limit = fprLimit * normalCount;
  const cursor = new GroupCursor(ranking);
  let twiceArea = 0;
  let previousFalse = 0;
  let previousTrue = 0;
  while (cursor.next() && cursor.falsePositives <= limit) {
    twiceArea += (cursor.falsePositives - previousFalse) * (cursor.truePositives + previousTrue);
    previousFalse = cursor.falsePositives;
    previousTrue = cursor.truePositives;
  }
  if (previousFalse < limit) {
    // The group that crosses the limit: the part below it, by linear interpolation.
    const part = (limit - previousFalse) / (cursor.falsePositives - previousFalse);
    const atLimit = previousTrue + part * (cursor.truePositives - previousTrue);
    twiceArea += (limit - previousFalse) * (previousTrue + atLimit);
  }
  return twiceArea / (2 * limit * anomalousCount);
}
