import { concatScores, countScores } from './chunks.js';
import { checkRegionOptions, type RegionOptions } from './connected-components.js';
import { MetricsInputError } from './errors.js';
import { EvenThresholds } from './even-thresholds.js';
import { type HistogramMetrics, histogramMetrics } from './histogram-metrics.js';
import {
  checkCount,
  checkFprLimit,
  type MaskMap,
  type NanOptions,
  type ScoreMap,
  type Scores,
  scorePlane,
} from './inputs.js';
import { type ImagePixels, readImage } from './pool.js';
import { sortChunks } from './radix-sort.js';
import { countUpTo } from './ranking.js';

export interface HistogramOptions extends NanOptions, RegionOptions {
  /** Number of bins B, at least 2; memory is 24 bytes each. 4096 gives AUROC bounds below 1e-4 in practice. */
  bins: number;
  /** Even bins over [lowest, highest]; scores beyond fall into the end bins. See {@link scoreRange}. */
  range?: readonly [lowest: number, highest: number];
  /**
   * `'quantile'` places the bins where the scores of the first images lie, half of them by the normal and half
   * by the anomalous pixels. Or the B − 1 edges between the bins themselves, ascending, as a result returns
   * them: accumulators that are to be merged must share them.
   */
  edges?: 'quantile' | Float64Array;
  /**
   * How many pixels `'quantile'` waits for before it places the bins; asking for a result places them earlier.
   * @defaultValue 1000000
   */
  sampleSize?: number;
  /**
   * Keeps the scores of anomalous pixels, 4 bytes each: their ties are then known, which narrows the bounds of
   * AP. @defaultValue false
   */
  keepAnomalous?: boolean;
  /** Limit of AUPRO, in (0, 1]. @defaultValue 0.3 */
  fprLimit?: number;
}

/**
 * Lowest and highest finite score of all maps, for the `range` of a histogram: the first of two passes. Takes
 * any iterable, so the maps need not be in memory at once.
 *
 * @throws {@link MetricsInputError} when there is no finite score.
 */
export function scoreRange(maps: Iterable<ScoreMap>): [lowest: number, highest: number] {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const map of maps) {
    for (const score of scorePlane('scoreRange', map).values) {
      if (!Number.isFinite(score)) continue;
      if (score < lowest) lowest = score;
      if (score > highest) highest = score;
    }
  }
  if (lowest > highest) throw new MetricsInputError('scoreRange', 'at least one finite score', 'none');
  return [lowest, highest];
}

/** Counts of scores per bin: all that is kept of any number of images. */
export class ScoreHistogram {
  private readonly normal: Float64Array;
  private readonly anomalous: Float64Array;
  /** Sum over the anomalous pixels of a bin of 1 / pixels of their region. */
  private readonly share: Float64Array;
  private bins: Bins | undefined;
  /** Images held back until `'quantile'` has seen enough to place the bins. */
  private waiting: ImagePixels[] = [];
  private waitingPixels = 0;
  private readonly kept: Scores[] = [];
  private regions = 0;
  private images = 0;

  constructor(
    private readonly where: string,
    private readonly options: HistogramOptions,
  ) {
    const { bins, sampleSize = 1_000_000, fprLimit = 0.3 } = options;
    checkCount(where, 'bins', bins, 2);
    checkCount(where, 'sampleSize', sampleSize, 1);
    checkFprLimit(where, fprLimit);
    checkRegionOptions(where, options);
    this.bins = givenBins(where, options);
    this.normal = new Float64Array(bins);
    this.anomalous = new Float64Array(bins);
    this.share = new Float64Array(bins);
  }

  add(map: ScoreMap, mask: MaskMap, valid: MaskMap | undefined): void {
    const pixels = readImage(`${this.where}: image ${this.images}`, map, mask, valid, this.options);
    this.images++;
    this.regions += pixels.regionSizes.length;
    if (this.bins) {
      this.count(pixels, this.bins);
      return;
    }
    this.hold({ ...pixels, normal: [concatScores(pixels.normal)] }); // a copy: the map may be reused
  }

  addAll(other: ScoreHistogram): void {
    if (this.bins && other.bins && !sameNumbers(this.bins.edges, other.bins.edges)) {
      throw new MetricsInputError(
        'merge pixel accumulators',
        'the same edges in both',
        'others',
        'build all but the first with the edges of its result',
      );
    }
    this.bins ??= other.bins;
    this.images += other.images;
    this.regions += other.regions;
    addTo(this.normal, other.normal);
    addTo(this.anomalous, other.anomalous);
    addTo(this.share, other.share);
    for (const scores of other.kept) this.kept.push(scores);
    for (const pixels of other.waiting) this.hold(pixels);
    if (this.bins) this.countWaiting(this.bins);
  }

  metrics(): HistogramMetrics {
    const bins = this.bins ?? this.placeBins(); // whatever the sample is by now
    const { normal, anomalous, share, regions } = this;
    const { keepAnomalous = false, fprLimit = 0.3 } = this.options;
    const ties = keepAnomalous ? tiesPerBin(this.kept, bins) : undefined;
    return histogramMetrics({ normal, anomalous, share, regions, edges: bins.edges, ties }, fprLimit);
  }

  private hold(pixels: ImagePixels): void {
    this.waiting.push(pixels);
    this.waitingPixels += countScores(pixels.normal) + pixels.anomalous.length;
    const { sampleSize = 1_000_000 } = this.options;
    if (!this.bins && this.waitingPixels >= sampleSize) this.placeBins();
  }

  private placeBins(): Bins {
    const edges = sampleEdges(this.waiting, this.options.bins);
    const bins: Bins = { edges, indexOf: (score) => countUpTo(edges, score) };
    if (this.waitingPixels > 0) this.bins = bins; // without a single score there is nothing to hold on to
    this.countWaiting(bins);
    return bins;
  }

  private countWaiting(bins: Bins): void {
    for (const pixels of this.waiting) this.count(pixels, bins);
    this.waiting = [];
    this.waitingPixels = 0;
  }

  private count({ normal, anomalous, regionOf, regionSizes }: ImagePixels, bins: Bins): void {
    for (const scores of normal) {
      for (let i = 0; i < scores.length; i++) this.normal[bins.indexOf(scores[i])]++;
    }
    for (let i = 0; i < anomalous.length; i++) {
      const bin = bins.indexOf(anomalous[i]);
      this.anomalous[bin]++;
      this.share[bin] += 1 / regionSizes[regionOf[i]];
    }
    if (this.options.keepAnomalous) this.kept.push(anomalous);
  }
}

interface Bins {
  /** Ascending; bin b holds the scores s with edges[b − 1] ≤ s < edges[b]. */
  readonly edges: Float64Array;
  readonly indexOf: (score: number) => number;
}

/** The bins that the options fix beforehand; undefined for `'quantile'`. */
function givenBins(where: string, { bins, range, edges }: HistogramOptions): Bins | undefined {
  if (edges === 'quantile' && !range) return undefined;
  if (edges instanceof Float64Array && !range) {
    if (edges.length !== bins - 1 || !edges.every((edge, i) => i === 0 || edge >= edges[i - 1])) {
      throw new MetricsInputError(where, `${bins - 1} ascending edges`, edges);
    }
    return { edges, indexOf: (score) => countUpTo(edges, score) };
  }
  if (!range || edges) {
    throw new MetricsInputError(where, "beside bins either range or edges ('quantile' if in doubt)", {
      range,
      edges,
    });
  }
  const [lowest, highest] = range;
  const step = (highest - lowest) / bins;
  if (!(step > 0 && step < Infinity)) {
    throw new MetricsInputError(where, 'range with lowest < highest, both finite', range);
  }
  const even = new EvenThresholds(lowest + step, step, bins - 1);
  return { edges: even.values, indexOf: (score) => even.countUpTo(score) };
}

/** Edges at the quantiles of a sample: half of them by its normal, half by its anomalous scores. */
function sampleEdges(sample: readonly ImagePixels[], bins: number): Float64Array {
  const normal = sortChunks(sample.flatMap((pixels) => pixels.normal));
  const anomalous = sortChunks(sample.map((pixels) => pixels.anomalous));
  const byAnomalous = anomalous.length === 0 ? 0 : normal.length === 0 ? bins - 1 : bins >>> 1;
  const edges = [...quantiles(normal, bins - 1 - byAnomalous), ...quantiles(anomalous, byAnomalous)];
  return Float64Array.from(edges).sort();
}

/** `amount` scores that cut the ascending ones into parts of equal size; zeros when there are none. */
function quantiles(ascending: Scores, amount: number): number[] {
  return Array.from({ length: amount }, (_, i) =>
    ascending.length === 0 ? 0 : ascending[Math.floor(((i + 1) * ascending.length) / (amount + 1))],
  );
}

/** Sizes of the groups of equal anomalous scores, from the highest score down, for every bin. */
function tiesPerBin(kept: readonly Scores[], bins: Bins): number[][] {
  const ties: number[][] = Array.from({ length: bins.edges.length + 1 }, () => []);
  const scores = sortChunks(kept);
  for (let end = scores.length; end > 0; ) {
    let start = end - 1;
    while (start > 0 && scores[start - 1] === scores[end - 1]) start--;
    ties[bins.indexOf(scores[start])].push(end - start);
    end = start;
  }
  return ties;
}

function addTo(sums: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += values[i];
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
