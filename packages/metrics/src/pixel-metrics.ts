import { type AuproOptions, type AuproResult, auproOfRanking, checkAuproOptions } from './aupro.js';
import type { MaskMap, ScoreMap } from './inputs.js';
import { type Pool, poolImages } from './pool.js';
import { rank } from './ranking.js';
import { type RankingSummary, summarise } from './summary.js';

export interface PixelMetrics extends RankingSummary {
  readonly aupro: AuproResult;
  readonly normalPixels: number;
  readonly anomalousPixels: number;
  /** Ground-truth regions in all images. */
  readonly regions: number;
}

/**
 * Pixel AUROC, average precision, F1-max and AUPRO of a test set, from one sort of all its pixels.
 *
 * @param maps - One per image; include the normal images.
 * @param masks - One per image, of the size of its map.
 * @returns Fractions in [0, 1]; NaN where undefined, with the reason.
 * @throws {@link MetricsInputError} when maps and masks do not match, or on NaN unless `nan` allows it.
 */
export function pixelMetrics(
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  options: AuproOptions = {},
): PixelMetrics {
  checkAuproOptions('pixelMetrics', options);
  return pixelMetricsOf(poolImages('pixelMetrics', maps, masks, options), options);
}

/** {@link pixelMetrics} of a pool. */
export function pixelMetricsOf(pool: Pool, options: AuproOptions): PixelMetrics {
  const ranking = rank(pool);
  const summary = summarise(ranking, 'pixel');
  const aupro = auproOfRanking(ranking, options);
  return {
    ...summary,
    aupro,
    normalPixels: ranking.normal.length,
    anomalousPixels: ranking.anomalous.length,
    regions: ranking.regionCount,
    undefined: [...summary.undefined, ...aupro.undefined],
  };
}
