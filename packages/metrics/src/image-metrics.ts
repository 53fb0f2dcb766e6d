import { scoreExtremes } from './chunks.js';
import { MetricsInputError } from './errors.js';
import type { NanOptions, ScoreMap, Scores } from './inputs.js';
import { scorePlane, withoutNan } from './inputs.js';
import { poolScores } from './pool.js';
import { rank } from './ranking.js';
import { type RankingSummary, summarise } from './summary.js';

export interface ImageMetrics extends RankingSummary {
  /** Number of normal images. */
  readonly normal: number;
  /** Number of anomalous images. */
  readonly anomalous: number;
}

/**
 * Image-level AUROC, average precision and F1-max from one sort.
 *
 * @param scores - One score per image.
 * @param labels - One per image, non-zero is anomalous.
 * @returns Fractions in [0, 1]; NaN where undefined, with the reason: with a single image, all of them.
 * @throws {@link MetricsInputError} when the lengths differ, or on NaN unless `nan` allows it.
 */
export function imageMetrics(scores: Scores, labels: Uint8Array, options: NanOptions = {}): ImageMetrics {
  const ranking = rank(poolScores('imageMetrics', scores, labels, options));
  const counts = { normal: ranking.normal.length, anomalous: ranking.anomalous.length };
  if (scores.length !== 1) return { ...summarise(ranking, 'image'), ...counts };
  return {
    auroc: Number.NaN,
    ap: Number.NaN,
    f1Max: { value: Number.NaN, threshold: Number.NaN, precision: Number.NaN, recall: Number.NaN },
    ...counts,
    undefined: ['AUROC, AP, F1-max: a single image has nothing to be ranked against'],
  };
}

/**
 * The image scores of the official MVTec evaluation: the highest score of each map. For methods that have no
 * score of their own for the whole image.
 *
 * @throws {@link MetricsInputError} on an empty map, or on NaN unless `nan` allows it.
 */
export function mapMaxScores(maps: readonly ScoreMap[], options: NanOptions = {}): Float64Array {
  return Float64Array.from(maps, (map, image) => {
    const where = `mapMaxScores: image ${image}`;
    const { values } = scorePlane(where, map);
    if (values.length === 0) throw new MetricsInputError(where, 'a map with at least one pixel', map.shape);
    const scores = withoutNan(where, values, options, (index) => `index ${index}`);
    return scoreExtremes([scores])[1];
  });
}
