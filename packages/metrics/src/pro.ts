import type { MaskMap, ScoreMap } from './inputs.js';
import { type PoolOptions, poolImages, regionShares } from './pool.js';

/**
 * Per-region overlap at one threshold: the mean over the regions of all images of the share of their pixels
 * with score > threshold (strictly, as in AUPRO's official evaluation).
 *
 * @returns A fraction in [0, 1]; NaN without a region.
 * @throws {@link MetricsInputError} when maps and masks do not match, or on NaN unless `nan` allows it.
 */
export function pro(
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  threshold: number,
  options: PoolOptions = {},
): number {
  const pool = poolImages('pro', maps, masks, options);
  const share = regionShares(pool);
  const overlap = share.reduce((sum, part, i) => (pool.anomalous[i] > threshold ? sum + part : sum), 0);
  return Math.min(1, overlap / pool.regionSizes.length);
}
