import { countScores, scoreExtremes } from './chunks.js';
import { MetricsInputError } from './errors.js';
import { EvenThresholds } from './even-thresholds.js';
import { checkCount, type MaskMap, type ScoreMap, type Scores } from './inputs.js';
import { orderStatistics } from './order-statistics.js';
import { checkedValid, type PoolOptions, readImage } from './pool.js';
import { sortOrder } from './radix-sort.js';
import { countUpTo } from './ranking.js';

export interface AupimoOptions extends PoolOptions {
  /** False positive rates between which is integrated, 0 < lower < upper ≤ 1. @defaultValue [1e-5, 1e-4] */
  bounds?: readonly [lower: number, upper: number];
  /**
   * `'linspace'` takes even thresholds between the lowest and highest score of the normal images, as the
   * reference; `'exact'` takes every different score there, which it approaches. Rates below that of the highest
   * normal score cannot be observed; what part of the bounds they make up adds nothing. @defaultValue `'linspace'`
   */
  thresholds?: 'linspace' | 'exact';
  /** Number of `'linspace'` thresholds. @defaultValue 300000 */
  numThresholds?: number;
  /** Returns a value even from fewer than 30 points. @defaultValue false */
  force?: boolean;
}

export interface AupimoResult {
  /** Mean over the anomalous images. */
  readonly mean: number;
  /** One value in [0, 1] per image; NaN for normal images. */
  readonly perImage: Float64Array;
  /** Thresholds within the bounds. */
  readonly points: number;
  /** Fewer than 300 points: too few normal pixels, or scores too coarse, to trust the value. */
  readonly inaccurate: boolean;
  /** Why the mean is NaN; empty when it is not. */
  readonly undefined: readonly string[];
}

const FEWEST_POINTS = 30;
const ACCURATE_POINTS = 300;

/**
 * Area under the per-image overlap curve: for every anomalous image the true positive rate, averaged over the
 * logarithm of the false positive rate between two very low bounds. The false positive rate is the mean over
 * the normal images of the share of their pixels ≥ threshold; normal pixels of anomalous images play no part.
 * (Bertoldo et al. 2024, arXiv:2401.01984.)
 *
 * @returns NaN with a reason without a normal image, without an anomalous one, or with fewer than 1 / upper
 * pixels in normal images.
 * @throws {@link MetricsInputError} when maps and masks do not match, on NaN unless `nan` allows it, and with
 * fewer than 30 points between the bounds unless `force` is set.
 */
export function aupimo(
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  options: AupimoOptions = {},
): AupimoResult {
  const { bounds = [1e-5, 1e-4], thresholds = 'linspace', numThresholds = 300_000, force = false } = options;
  const [lower, upper] = bounds;
  if (!(lower > 0 && lower < upper && upper <= 1)) {
    throw new MetricsInputError('aupimo', 'bounds with 0 < lower < upper ≤ 1', bounds);
  }
  if (thresholds !== 'linspace' && thresholds !== 'exact') {
    throw new MetricsInputError('aupimo', "thresholds to be 'linspace' or 'exact'", thresholds);
  }
  checkCount('aupimo', 'numThresholds', numThresholds, 2);
  const { normal, anomalous } = splitImages(maps, masks, options);

  const perImage = new Float64Array(maps.length).fill(Number.NaN);
  const reasons = missing(normal, anomalous, upper);
  if (reasons.length > 0) {
    return { mean: Number.NaN, perImage, points: 0, inaccurate: true, undefined: reasons };
  }

  const area =
    thresholds === 'exact'
      ? areaBetweenBounds(curveAtEveryScore(normal, upper), lower, upper)
      : areaBetweenClosest(curveAtEvenThresholds(normal, numThresholds), lower, upper);
  if (area.points < FEWEST_POINTS && !force) {
    throw new MetricsInputError(
      'aupimo',
      `at least ${FEWEST_POINTS} thresholds with a false positive rate in [${lower}, ${upper}]`,
      area.points,
      'evaluate more or larger normal images, widen the bounds, or pass force: true',
    );
  }
  let sum = 0;
  for (const { image, scores } of anomalous) {
    perImage[image] = Math.min(1, meanArea(scores, area) / Math.log(upper / lower));
    sum += perImage[image];
  }
  return {
    mean: sum / anomalous.length,
    perImage,
    points: area.points,
    inaccurate: area.points < ACCURATE_POINTS,
    undefined: [],
  };
}

interface AnomalousImage {
  readonly image: number;
  /** Scores of its anomalous pixels. */
  readonly scores: Scores;
}

function splitImages(maps: readonly ScoreMap[], masks: readonly MaskMap[], options: AupimoOptions) {
  const valid = checkedValid('aupimo', maps, masks, options);
  const normal: Scores[] = [];
  const anomalous: AnomalousImage[] = [];
  for (let image = 0; image < maps.length; image++) {
    const pixels = readImage(`aupimo: image ${image}`, maps[image], masks[image], valid?.[image], options);
    if (pixels.anomalous.length > 0) anomalous.push({ image, scores: pixels.anomalous });
    else if (!pixels.hasForeground) normal.push(...pixels.normal);
  }
  return { normal: normal.filter((scores) => scores.length > 0), anomalous };
}

function missing(normal: readonly Scores[], anomalous: readonly AnomalousImage[], upper: number): string[] {
  const reasons: string[] = [];
  if (normal.length === 0) reasons.push('AUPIMO: no normal image');
  if (anomalous.length === 0) reasons.push('AUPIMO: no anomalous image');
  const pixels = countScores(normal);
  if (pixels > 0 && pixels * upper < 1) {
    reasons.push(`AUPIMO: ${pixels} pixels in normal images cannot show a false positive rate of ${upper}`);
  }
  return reasons;
}

/** The shared false positive rate: `fpr[k]`, falling, belongs to `thresholds[k]`, rising. */
interface FprCurve {
  readonly thresholds: Float64Array;
  readonly fpr: Float64Array;
}

function curveAtEvenThresholds(images: readonly Scores[], count: number): FprCurve {
  const [lowest, highest] = scoreExtremes(images);
  const grid = new EvenThresholds(lowest, (highest - lowest) / (count - 1), count);
  grid.values[count - 1] = highest;
  const fpr = new Float64Array(count);
  for (const scores of images) {
    const weight = 1 / (scores.length * images.length);
    for (let i = 0; i < scores.length; i++) {
      const reached = grid.countUpTo(scores[i]);
      if (reached > 0) fpr[reached - 1] += weight;
    }
  }
  for (let k = count - 2; k >= 0; k--) fpr[k] += fpr[k + 1];
  return { thresholds: grid.values, fpr };
}

/** Every different score of the normal images, from one whose false positive rate is at least `upper` up. */
function curveAtEveryScore(images: readonly Scores[], upper: number): FprCurve {
  // Only the highest scores matter, and so few that the others need not be sorted. A threshold reached by
  // more than upper · (pixels if all images were as large as the largest) pixels has a rate above `upper`.
  const pixels = countScores(images);
  const largest = images.reduce((size, scores) => Math.max(size, scores.length), 0);
  const needed = Math.min(pixels, Math.floor(upper * images.length * largest) + 1);
  const [cutoff] = orderStatistics(images, [pixels - needed]);

  const scores: number[] = [];
  const weights: number[] = [];
  for (const image of images) {
    const weight = 1 / (image.length * images.length);
    for (let i = 0; i < image.length; i++) {
      if (image[i] < cutoff) continue;
      scores.push(image[i]);
      weights.push(weight);
    }
  }
  const order = sortOrder(Float64Array.from(scores)).reverse();
  const thresholds: number[] = [];
  const fpr: number[] = [];
  let rate = 0;
  for (let i = 0; i < order.length; i++) {
    rate += weights[order[i]];
    const isLastOfGroup = i + 1 === order.length || scores[order[i + 1]] !== scores[order[i]];
    if (!isLastOfGroup) continue;
    thresholds.push(scores[order[i]]);
    fpr.push(rate);
  }
  return { thresholds: Float64Array.from(thresholds.reverse()), fpr: Float64Array.from(fpr.reverse()) };
}

/**
 * What one anomalous pixel adds to its image's integral: it is found at all thresholds up to its score, so its
 * part depends only on how many these are.
 */
interface PixelArea {
  readonly thresholds: Float64Array;
  /** `areaUpTo[k]`: integral over ln FPR of "found at the first k thresholds and at no other". */
  readonly areaUpTo: Float64Array;
  readonly points: number;
}

/** From the threshold whose rate is closest to `upper` to the one closest to `lower`, as the reference. */
function areaBetweenClosest({ thresholds, fpr }: FprCurve, lower: number, upper: number): PixelArea {
  const first = indexOfClosest(fpr, upper);
  const end = indexOfClosest(fpr, lower) + 1;
  const range = { thresholds: thresholds.slice(first, end), fpr: fpr.slice(first, end) };
  return { thresholds: range.thresholds, areaUpTo: pixelAreas(range, 0, 1), points: end - first };
}

/** Between the bounds themselves, the curve cut there by linear interpolation in ln FPR. */
function areaBetweenBounds(curve: FprCurve, lower: number, upper: number): PixelArea {
  const points = curve.fpr.filter((rate) => rate >= lower && rate <= upper).length;
  return { thresholds: curve.thresholds, areaUpTo: pixelAreas(curve, lower, upper), points };
}

function pixelAreas({ fpr }: FprCurve, lower: number, upper: number): Float64Array {
  const areaUpTo = new Float64Array(fpr.length + 1);
  let complete = 0;
  for (let k = 0; k < fpr.length; k++) {
    // The piece from threshold k to k + 1: a pixel found at k but not at k + 1 falls linearly from 1 to 0.
    const right = Math.log(fpr[k]);
    const left = k + 1 < fpr.length ? Math.log(fpr[k + 1]) : right;
    const from = Math.max(left, Math.log(lower));
    const to = Math.min(right, Math.log(upper));
    const width = Math.max(0, to - from);
    const meanHeight = right > left ? ((from + to) / 2 - left) / (right - left) : 0;
    areaUpTo[k + 1] = complete + width * meanHeight;
    complete += width;
  }
  return areaUpTo;
}

function meanArea(scores: Scores, { thresholds, areaUpTo }: PixelArea): number {
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += areaUpTo[countUpTo(thresholds, scores[i])];
  return sum / scores.length;
}

function indexOfClosest(values: Float64Array, target: number): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (Math.abs(values[i] - target) < Math.abs(values[best] - target)) best = i;
  }
  return best;
}
