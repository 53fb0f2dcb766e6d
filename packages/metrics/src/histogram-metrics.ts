import { AreaUpTo } from './area-up-to.js';
import { undefinedAupro } from './aupro.js';
import { fScore } from './f1-max.js';
import { undefinedReasons } from './summary.js';

/** A metric known to lie within [lower, upper], up to floating-point rounding. */
export interface Bounded {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

export interface HistogramMetrics {
  readonly auroc: Bounded;
  readonly ap: Bounded;
  /** The value is reached exactly at the threshold, an edge between bins. */
  readonly f1Max: Bounded & { readonly threshold: number };
  /** In mode `'exact'`. */
  readonly aupro: Bounded & { readonly mode: 'exact'; readonly fprLimit: number };
  readonly normalPixels: number;
  readonly anomalousPixels: number;
  readonly regions: number;
  /** The B − 1 edges between the bins; an edge belongs to the bin above it. */
  readonly edges: Float64Array;
  /** Why a metric is NaN, one line each. */
  readonly undefined: readonly string[];
}

/** Counts per bin, bins in ascending order of score. */
export interface BinCounts {
  readonly normal: Float64Array;
  readonly anomalous: Float64Array;
  /** Sum over the anomalous pixels of 1 / pixels of their region. */
  readonly share: Float64Array;
  readonly regions: number;
  readonly edges: Float64Array;
  /** Sizes of the groups of equal anomalous scores, highest first, where they are known. */
  readonly ties?: readonly (readonly number[])[];
}

/** Metrics from counts, with bounds over all orders that the scores may have within their bins. */
export function histogramMetrics(counts: BinCounts, fprLimit: number): HistogramMetrics {
  const normalPixels = sum(counts.normal);
  const anomalousPixels = sum(counts.anomalous);
  const { regions, edges } = counts;
  const noAupro = undefinedAupro(normalPixels, regions);
  return {
    auroc: boundedAuroc(counts, normalPixels, anomalousPixels),
    ap: anomalousPixels > 0 ? boundedAp(counts, anomalousPixels) : nowhere(),
    f1Max: anomalousPixels > 0 ? boundedF1(counts, anomalousPixels) : { ...nowhere(), threshold: Number.NaN },
    aupro: {
      ...(noAupro.length === 0 ? boundedAupro(counts, normalPixels, fprLimit) : nowhere()),
      mode: 'exact',
      fprLimit,
    },
    normalPixels,
    anomalousPixels,
    regions,
    edges: edges.slice(),
    undefined: [...undefinedReasons(normalPixels, anomalousPixels, 'pixel'), ...noAupro],
  };
}

/** Undecided are the pairs that share a bin: they count one half, and between none and all in the bounds. */
function boundedAuroc(
  { normal, anomalous }: BinCounts,
  normalPixels: number,
  anomalousPixels: number,
): Bounded {
  let decided = 0;
  let undecided = 0;
  let above = 0;
  for (let bin = normal.length - 1; bin >= 0; bin--) {
    decided += normal[bin] * above;
    undecided += normal[bin] * anomalous[bin];
    above += anomalous[bin];
  }
  const pairs = normalPixels * anomalousPixels;
  return {
    value: (decided + undecided / 2) / pairs,
    lower: decided / pairs,
    upper: (decided + undecided) / pairs,
  };
}

/** The value takes a bin for one group of equal scores. */
function boundedAp({ normal, anomalous, ties }: BinCounts, anomalousPixels: number): Bounded {
  let [value, lower, upper] = [0, 0, 0];
  let [truePositives, falsePositives] = [0, 0];
  for (let bin = normal.length - 1; bin >= 0; bin--) {
    const [n, p] = [normal[bin], anomalous[bin]];
    value += p * precision(truePositives + p, falsePositives + n);
    if (ties) {
      let found = truePositives;
      for (const group of ties[bin]) {
        found += group;
        lower += group * precision(found, falsePositives + n); // the normal pixels of the bin come first
        upper += group * precision(found, falsePositives); // or last
      }
    } else {
      // Apart from each other below all normal pixels of the bin, or as one group above them.
      for (let i = 1; i <= p; i++) lower += precision(truePositives + i, falsePositives + n);
      upper += p * precision(truePositives + p, falsePositives);
    }
    truePositives += p;
    falsePositives += n;
  }
  return { value: value / anomalousPixels, lower: lower / anomalousPixels, upper: upper / anomalousPixels };
}

function boundedF1(
  { normal, anomalous, edges }: BinCounts,
  anomalousPixels: number,
): HistogramMetrics['f1Max'] {
  let [value, threshold, upper] = [0, Infinity, 0];
  let [truePositives, falsePositives] = [0, 0];
  for (let bin = normal.length - 1; bin >= 0; bin--) {
    truePositives += anomalous[bin];
    // Within the bin: at best all its anomalous pixels before any of its normal ones.
    upper = Math.max(upper, fScore(truePositives, falsePositives, anomalousPixels));
    falsePositives += normal[bin];
    const atEdge = fScore(truePositives, falsePositives, anomalousPixels);
    if (atEdge >= value) [value, threshold] = [atEdge, bin > 0 ? edges[bin - 1] : -Infinity];
  }
  return { value, lower: value, upper, threshold };
}

/** The curve is exact at the edges; between two of them both coordinates only grow. */
function boundedAupro(
  { normal, share, regions }: BinCounts,
  normalPixels: number,
  fprLimit: number,
): Bounded {
  const area = new AreaUpTo(fprLimit);
  let [lower, upper] = [0, 0];
  let [falsePositives, overlap] = [0, 0];
  let [fpr, pro] = [0, 0];
  for (let bin = normal.length - 1; bin >= 0 && area.isOpen; bin--) {
    falsePositives += normal[bin];
    overlap += share[bin];
    const next = { fpr: falsePositives / normalPixels, pro: Math.min(1, overlap / regions) };
    area.add(next.fpr, next.pro);
    const width = Math.min(fprLimit, next.fpr) - fpr;
    lower += width * pro;
    upper += width * next.pro;
    [fpr, pro] = [next.fpr, next.pro];
  }
  return { value: area.value / fprLimit, lower: lower / fprLimit, upper: upper / fprLimit };
}

function precision(truePositives: number, falsePositives: number): number {
  const predicted = truePositives + falsePositives;
  return predicted === 0 ? 0 : truePositives / predicted;
}

function nowhere(): Bounded {
  return { value: Number.NaN, lower: Number.NaN, upper: Number.NaN };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
