import { AreaUpTo } from './area-up-to.js';
import { countScores, scoreExtremes } from './chunks.js';
import { checkThin, proCurveOf } from './curves.js';
import { MetricsInputError } from './errors.js';
import { EvenThresholds } from './even-thresholds.js';
import { checkCount, checkFprLimit, firstNan, type MaskMap, type ScoreMap, type Scores } from './inputs.js';
import { orderStatistics } from './order-statistics.js';
import { type Pool, type PoolOptions, poolImages, regionShares } from './pool.js';
import { countBelow, GroupCursor, type Ranking, rank, totalNormalWeight } from './ranking.js';

/**
 * Which thresholds the curve is sampled at; the numbers differ, so report the mode with them.
 * - `'mvtec3d'`: the official MVTec 3D-AD evaluation, thresholds at ranks of the normal scores.
 * - `'exact'`: every different score, the official MVTec AD evaluation; right under ties.
 * - `'minmax200'`: 200 equal steps from the lowest to the highest score, FPR rescaled; AnomalyCLIP, PointAD.
 */
export type AuproMode = 'mvtec3d' | 'exact' | 'minmax200';

export interface AuproOptions extends PoolOptions {
  /** @defaultValue `'mvtec3d'` */
  mode?: AuproMode;
  /** The curve is integrated up to this false positive rate and divided by it; in (0, 1]. @defaultValue 0.3 */
  fprLimit?: number;
  /** Number of ranks in mode `'mvtec3d'`, at least 2. @defaultValue 100 */
  numThresholds?: number;
  /** Keeps about this many points of the curve that is returned; the value never depends on it. @defaultValue 10000 */
  thin?: number;
}

export interface AuproResult {
  /** A fraction in [0, 1], or NaN. */
  readonly value: number;
  readonly mode: AuproMode;
  readonly fprLimit: number;
  /** Ground-truth regions in all images. */
  readonly regions: number;
  /** In order of increasing false positive rate. */
  readonly curve: {
    readonly fpr: Float64Array;
    readonly pro: Float64Array;
    /** Predicted anomalous is score > threshold, in mode `'exact'` score ≥ threshold. */
    readonly threshold: Float64Array;
  };
  /** Why the value is NaN; empty when it is not. */
  readonly undefined: readonly string[];
}

/**
 * Area under the per-region overlap curve. PRO is the mean over the ground-truth regions of all images of the
 * share of their pixels above a threshold, whatever their size; FPR is the share of all normal pixels above
 * it. AUPRO is the area under PRO over FPR in [0, fprLimit], divided by fprLimit.
 *
 * @param maps - One per image.
 * @param masks - One per image, of the size of its map.
 * @returns NaN without a region or without a normal pixel, with the reason.
 * @throws {@link MetricsInputError} when maps and masks do not match, on NaN unless `nan` allows it, and in mode
 * `'minmax200'` when fewer than two different false positive rates lie below the limit.
 */
export function aupro(
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  options: AuproOptions = {},
): AuproResult {
  checkAuproOptions('aupro', options);
  if ((options.mode ?? 'mvtec3d') === 'mvtec3d') {
    // The lowest and the highest normal score are among the thresholds, and a NaN would be one of these: only
    // if there is one does it take another pass over all pixels, to name it or to rank it.
    const pool = poolImages('aupro', maps, masks, options, 'none');
    const result = auproOfPool(pool, options);
    if (firstNan(result.curve.threshold) < 0 && firstNan(pool.anomalous) < 0) return result;
  }
  const pool = poolImages('aupro', maps, masks, options);
  const result = auproOfPool(pool, options);
  const isComplete = countScores(pool.normal) > 0 && pool.regionSizes.length > 0;
  if (isComplete && Number.isNaN(result.value)) {
    throw new MetricsInputError(
      "aupro in mode 'minmax200'",
      `at least two different false positive rates below ${result.fprLimit}`,
      'fewer',
      "raise fprLimit, or use mode 'exact', which has no such need",
    );
  }
  return result;
}

/** Throws unless the options are legal. */
export function checkAuproOptions(where: string, options: AuproOptions): void {
  const { mode = 'mvtec3d', fprLimit = 0.3, numThresholds = 100 } = options;
  if (mode !== 'mvtec3d' && mode !== 'exact' && mode !== 'minmax200') {
    throw new MetricsInputError(where, "mode to be 'mvtec3d', 'exact' or 'minmax200'", mode);
  }
  checkFprLimit(where, fprLimit);
  checkCount(where, 'numThresholds', numThresholds, 2);
  checkThin(where, options);
}

/** AUPRO of a ranking, in any mode; NaN with its reason where `aupro` would throw. */
export function auproOfRanking(ranking: Ranking, options: AuproOptions): AuproResult {
  if (options.mode === 'exact') return exactAupro(ranking, options);
  const scores = { ...ranking, normal: [ranking.normal] };
  return sampledAupro(scores, (ranks) => Float64Array.from(ranks, (at) => ranking.normal[at]), options);
}

/** AUPRO of a pool. Only mode `'exact'` needs to sort it. */
function auproOfPool(pool: Pool, options: AuproOptions): AuproResult {
  if (options.mode === 'exact') return exactAupro(rank(pool), options);
  const { normal, anomalous, regionSizes } = pool;
  const scores = { normal, anomalous, share: regionShares(pool), regionCount: regionSizes.length };
  return sampledAupro(scores, (ranks) => orderStatistics(normal, ranks), options);
}

function exactAupro(ranking: Ranking, options: AuproOptions): AuproResult {
  const { fprLimit = 0.3, thin = 10_000 } = options;
  const { normal, regionCount } = ranking;
  const reasons = undefinedAupro(normal.length, regionCount);
  if (reasons.length > 0) return undefinedResult('exact', fprLimit, regionCount, reasons);
  const { x, y, threshold } = proCurveOf(ranking, { thin });
  const value = Math.min(1, exactArea(ranking, fprLimit) / fprLimit);
  const curve = { fpr: x, pro: y, threshold };
  return { value, mode: 'exact', fprLimit, regions: regionCount, curve, undefined: [] };
}

/** The area under every point of the PRO curve, whether or not the curve that is returned was thinned. */
function exactArea(ranking: Ranking, fprLimit: number): number {
  const total = totalNormalWeight(ranking);
  const cursor = new GroupCursor(ranking);
  const area = new AreaUpTo(fprLimit);
  area.add(0, 0);
  while (cursor.next() && area.isOpen) {
    area.add(cursor.falseWeight / total, cursor.overlap / ranking.regionCount);
  }
  area.add(1, 1);
  return area.value;
}

/** What the sampled modes need: normal scores in any order, and each anomalous score's share of its region. */
interface RegionScores {
  readonly normal: readonly Scores[];
  readonly anomalous: Scores;
  readonly share: Float64Array;
  readonly regionCount: number;
}

function sampledAupro(
  scores: RegionScores,
  normalsAtRanks: (ranks: readonly number[]) => Float64Array,
  { mode = 'mvtec3d', fprLimit = 0.3, numThresholds = 100 }: AuproOptions,
): AuproResult {
  const { normal, regionCount } = scores;
  const normalCount = countScores(normal);
  const reasons = undefinedAupro(normalCount, regionCount);
  if (reasons.length > 0) return undefinedResult(mode, fprLimit, regionCount, reasons);

  if (mode === 'mvtec3d') {
    const ranks = evenRanks(normalCount, numThresholds);
    const thresholds = normalsAtRanks(ranks);
    const overlap = overlapAbove(scores, thresholds);
    const curve = {
      // From the rank, as the official evaluation: wrong where several normal scores equal the threshold.
      fpr: Float64Array.from([...ranks.map((rankAt) => 1 - (rankAt + 1) / normalCount).reverse(), 1]),
      pro: Float64Array.from([...overlap.reverse(), 1]),
      threshold: Float64Array.from([...thresholds.reverse(), -Infinity]),
    };
    const area = new AreaUpTo(fprLimit);
    for (let i = 0; i < curve.fpr.length; i++) area.add(curve.fpr[i], curve.pro[i]);
    return { value: area.value / fprLimit, mode, fprLimit, regions: regionCount, curve, undefined: [] };
  }

  const [lowest, highest] = scoreExtremes([...normal, scores.anomalous]);
  if (!(highest > lowest && highest - lowest < Infinity)) {
    const reason = `AUPRO: no 200 even thresholds from ${lowest} to ${highest}`;
    return undefinedResult(mode, fprLimit, regionCount, [reason]);
  }
  const thresholds = new EvenThresholds(lowest, (highest - lowest) / 200, 200); // the highest score excluded
  const curve = {
    fpr: sharesAbove(normal, thresholds).reverse(),
    pro: overlapAbove(scores, thresholds.values).reverse(),
    threshold: thresholds.values.slice().reverse(),
  };
  const value = rescaledArea(curve, fprLimit);
  const undefinedBecause = Number.isNaN(value)
    ? [`AUPRO: fewer than two different false positive rates below ${fprLimit} at 200 even thresholds`]
    : [];
  return { value, mode, fprLimit, regions: regionCount, curve, undefined: undefinedBecause };
}

/** `amount` whole ranks, evenly from 0 to count − 1, rounded down. */
function evenRanks(count: number, amount: number): number[] {
  const step = (count - 1) / (amount - 1);
  return Array.from({ length: amount }, (_, i) => (i === amount - 1 ? count - 1 : Math.floor(i * step)));
}

/** PRO at every one of the ascending thresholds, for the rule "score > threshold". */
function overlapAbove(
  { anomalous, share, regionCount }: RegionScores,
  thresholds: Float64Array,
): Float64Array {
  const overlap = new Float64Array(thresholds.length);
  for (let i = 0; i < anomalous.length; i++) {
    // Above the thresholds 0 … below − 1: note it at the last of them.
    const below = countBelow(thresholds, anomalous[i]);
    if (below > 0) overlap[below - 1] += share[i];
  }
  for (let i = overlap.length - 2; i >= 0; i--) overlap[i] += overlap[i + 1];
  return overlap.map((sum) => Math.min(1, sum / regionCount));
}

/** Share of all scores above each of the thresholds. */
function sharesAbove(chunks: readonly Scores[], thresholds: EvenThresholds): Float64Array {
  const count = thresholds.values.length;
  const above = new Float64Array(count);
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const below = thresholds.countBelow(chunk[i]);
      if (below > 0) above[below - 1]++;
    }
  }
  for (let i = count - 2; i >= 0; i--) above[i] += above[i + 1];
  const total = countScores(chunks);
  return above.map((sum) => sum / total);
}

/** Area over the points with FPR < limit, their FPRs stretched to [0, 1]; NaN when they span no range. */
function rescaledArea({ fpr, pro }: AuproResult['curve'], fprLimit: number): number {
  const kept = fpr.filter((rate) => rate < fprLimit).length;
  const range = fpr[kept - 1] - fpr[0];
  if (!(range > 0)) return Number.NaN;
  let area = 0;
  for (let i = 1; i < kept; i++) area += ((fpr[i] - fpr[i - 1]) * (pro[i] + pro[i - 1])) / 2;
  return area / range;
}

/** Why AUPRO is undefined with so many normal elements and regions; empty when it is not. */
export function undefinedAupro(normalCount: number, regionCount: number): string[] {
  const reasons: string[] = [];
  if (regionCount === 0) reasons.push('AUPRO: no anomalous region');
  if (normalCount === 0) reasons.push('AUPRO: no normal element');
  return reasons;
}

function undefinedResult(
  mode: AuproMode,
  fprLimit: number,
  regions: number,
  reasons: readonly string[],
): AuproResult {
  const none = new Float64Array(0);
  const curve = { fpr: none, pro: none, threshold: none };
  return { value: Number.NaN, mode, fprLimit, regions, curve, undefined: reasons };
}
