import { MetricsInputError } from './errors.js';
import { checkCount, type MaskMap, maskPlane } from './inputs.js';
import { createForest, findRoot, unite } from './union-find.js';

export interface RegionOptions {
  /** Whether pixels that touch only at a corner belong together (8) or not (4). @defaultValue 8 */
  connectivity?: 4 | 8;
  /** Regions of fewer pixels are ignored: their pixels count neither as normal nor as anomalous. @defaultValue 1 */
  minRegionSize?: number;
}

export interface ConnectedComponents {
  /** Region of every pixel, row-major [H · W]: 0 outside, then 1…count in raster order of the first pixel. */
  readonly labels: Uint32Array;
  readonly count: number;
  /** Pixels of region `id` at `sizes[id − 1]`. */
  readonly sizes: Uint32Array;
}

/**
 * Connected components of a mask. Non-zero is foreground, and touching pixels of different non-zero values
 * are one region. Pixels of regions below `minRegionSize` get label 0.
 */
export function connectedComponents(mask: MaskMap, options: RegionOptions = {}): ConnectedComponents {
  checkRegionOptions('connectedComponents', options);
  const { values, height, width } = maskPlane('connectedComponents', mask);
  const { starts, ends, regionOfRun, sizes } = findRegions(values, height, width, options);
  const labels = new Uint32Array(height * width);
  for (let run = 0; run < starts.length; run++) labels.fill(regionOfRun[run] + 1, starts[run], ends[run]);
  return { labels, count: sizes.length, sizes: Uint32Array.from(sizes) };
}

/** Throws unless the options are legal. */
export function checkRegionOptions(
  where: string,
  { connectivity = 8, minRegionSize = 1 }: RegionOptions,
): void {
  if (connectivity !== 4 && connectivity !== 8) {
    throw new MetricsInputError(where, 'connectivity 4 or 8', connectivity);
  }
  checkCount(where, 'minRegionSize', minRegionSize, 1);
}

/** The regions of one mask, as the horizontal runs of pixels they consist of. */
export interface RegionRuns {
  /** First pixel of every run, ascending; a run never crosses a row. */
  readonly starts: readonly number[];
  /** One past the last pixel of every run. */
  readonly ends: readonly number[];
  /** Region of every run, 0…G−1 in raster order of the first pixel; −1 when the region is ignored. */
  readonly regionOfRun: Int32Array;
  /** Counted pixels of every region. */
  readonly sizes: readonly number[];
}

/**
 * Union-find over runs instead of pixels: a mask has few runs, and nearly all its pixels are skipped.
 *
 * @param counted - Pixels that are 0 here still join a region but do not count in its size; a region without
 * a counted pixel is ignored.
 */
export function findRegions(
  mask: Uint8Array,
  height: number,
  width: number,
  { connectivity = 8, minRegionSize = 1 }: RegionOptions,
  counted?: Uint8Array,
): RegionRuns {
  const { starts, ends } = findRuns(mask, height, width);
  const parents = joinRuns(starts, ends, width, connectivity === 8 ? 1 : 0);

  const runCount = starts.length;
  const sizeOfRoot = new Float64Array(runCount);
  for (let run = 0; run < runCount; run++) {
    sizeOfRoot[findRoot(parents, run)] += countIn(starts[run], ends[run], counted);
  }
  const regionOfRun = new Int32Array(runCount);
  const sizes: number[] = [];
  for (let run = 0; run < runCount; run++) {
    const root = findRoot(parents, run);
    if (root < run) regionOfRun[run] = regionOfRun[root];
    else regionOfRun[run] = sizeOfRoot[run] >= minRegionSize ? sizes.push(sizeOfRoot[run]) - 1 : -1;
  }
  return { starts, ends, regionOfRun, sizes };
}

function findRuns(mask: Uint8Array, height: number, width: number): { starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  const count = height * width;
  // Most of a mask is 0: look at four pixels at a time until one is not.
  const aligned = mask.byteOffset % 4 === 0;
  const words = aligned ? new Uint32Array(mask.buffer, mask.byteOffset, count >>> 2) : new Uint32Array(0);
  let pixel = 0;
  while (pixel < count) {
    if ((pixel & 3) === 0) {
      let word = pixel >>> 2;
      while (word < words.length && words[word] === 0) word++;
      pixel = word << 2;
    }
    if (pixel >= count) break;
    if (mask[pixel] === 0) {
      pixel++;
      continue;
    }
    const rowEnd = (Math.floor(pixel / width) + 1) * width;
    starts.push(pixel);
    while (pixel < rowEnd && mask[pixel] !== 0) pixel++;
    ends.push(pixel);
  }
  return { starts, ends };
}

/** Joins runs of neighbouring rows that overlap, or with `reach` 1 touch at a corner. */
function joinRuns(
  starts: readonly number[],
  ends: readonly number[],
  width: number,
  reach: 0 | 1,
): Uint32Array {
  const parents = createForest(starts.length);
  let above = 0;
  for (let run = 0; run < starts.length; run++) {
    const column = starts[run] % width;
    const rowAbove = starts[run] - column - width;
    // The same columns one row up, widened by the reach but kept inside that row.
    const from = rowAbove + Math.max(0, column - reach);
    const to = rowAbove + Math.min(width, column + ends[run] - starts[run] + reach);
    while (ends[above] <= from) above++;
    for (let other = above; starts[other] < to; other++) unite(parents, other, run);
  }
  return parents;
}

function countIn(start: number, end: number, counted: Uint8Array | undefined): number {
  if (counted === undefined) return end - start;
  let count = 0;
  for (let i = start; i < end; i++) if (counted[i] !== 0) count++;
  return count;
}
