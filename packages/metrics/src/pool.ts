import { blocks, concatScores, emptyLike } from './chunks.js';
import { checkRegionOptions, findRegions, type RegionOptions } from './connected-components.js';
import { MetricsInputError } from './errors.js';
import {
  checkSameLength,
  type LabelInput,
  type MaskMap,
  maskPlane,
  type NanOptions,
  type ScoreInput,
  type ScoreMap,
  type Scores,
  scorePlane,
  withoutNan,
} from './inputs.js';

/** How pixels are read from maps and masks; a flat list of scores uses `nan` only. */
export interface PoolOptions extends NanOptions, RegionOptions {
  /**
   * `'valid'` evaluates an organised cloud per point: only pixels that are non-zero in `valid` count. Regions
   * are still found on the whole mask. @defaultValue `'all'`, as the published MVTec 3D-AD numbers
   */
  pixels?: 'all' | 'valid';
  /** One mask per image, non-zero where the pixel holds a point. Needed by `pixels: 'valid'`. */
  valid?: readonly MaskMap[];
}

/** Scores of all images together, normal and anomalous apart. */
export interface Pool {
  /** In any order and any number of pieces. */
  readonly normal: readonly Scores[];
  readonly anomalous: Scores;
  /** Region of every anomalous element; empty when the scores came as a flat list. */
  readonly regionOf: Uint32Array;
  /** Elements, or their total weight, in every region. */
  readonly regionSizes: readonly number[];
  /** Set only where elements do not count alike. */
  readonly weights?: { readonly normal: Float64Array; readonly anomalous: Float64Array };
}

/** Pools a list of scores with its labels, or maps with their masks. */
export function poolScores(
  where: string,
  scores: ScoreInput,
  labels: LabelInput,
  options: PoolOptions = {},
): Pool {
  if (ArrayBuffer.isView(scores)) {
    if (!(labels instanceof Uint8Array)) {
      throw new MetricsInputError(where, 'labels as a Uint8Array beside a list of scores', labels);
    }
    return poolList(where, scores, labels, options);
  }
  if (ArrayBuffer.isView(labels)) {
    throw new MetricsInputError(where, 'one mask per map', labels, 'pass an array of masks');
  }
  return poolImages(where, scores, labels, options);
}

/**
 * Pools maps with their masks. The pool may borrow the maps' memory.
 *
 * @param nanCheck - `'none'` leaves NaN in the pool: for callers that notice it without a pass over all pixels.
 */
export function poolImages(
  where: string,
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  options: PoolOptions = {},
  nanCheck: 'full' | 'none' = 'full',
): Pool {
  const valid = checkedValid(where, maps, masks, options);
  const collector = new PixelCollector(where, options, nanCheck);
  for (let image = 0; image < maps.length; image++) {
    collector.add(maps[image], masks[image], valid?.[image], 'borrow');
  }
  return collector.pool();
}

/** Throws unless there is one mask, and with `pixels: 'valid'` one valid mask, per map. */
export function checkedValid(
  where: string,
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  { pixels = 'all', valid }: PoolOptions,
): readonly MaskMap[] | undefined {
  checkSameLength(where, `masks for ${maps.length} maps`, masks.length, maps.length);
  if (pixels === 'all') return undefined;
  if (pixels !== 'valid') throw new MetricsInputError(where, "pixels to be 'all' or 'valid'", pixels);
  if (!valid) throw new MetricsInputError(where, "valid masks beside pixels: 'valid'", valid);
  checkSameLength(where, `valid masks for ${maps.length} maps`, valid.length, maps.length);
  return valid;
}

/** What one image contributes. Pixels of ignored regions and pixels that do not count are in neither list. */
export interface ImagePixels {
  /** In pieces that share the map's memory where they can; one piece where the mask marks nothing. */
  readonly normal: readonly Scores[];
  readonly anomalous: Scores;
  /** Region of every anomalous pixel, 0…G−1 within this image. */
  readonly regionOf: Uint32Array;
  /** Pixels of every region. */
  readonly regionSizes: readonly number[];
  /** Whether the mask marks anything at all, ignored or not. */
  readonly hasForeground: boolean;
}

/** Reads and checks one image and takes its pixels apart. */
export function readImage(
  where: string,
  map: ScoreMap,
  mask: MaskMap,
  valid: MaskMap | undefined,
  options: PoolOptions,
  nanCheck: 'full' | 'none' = 'full',
): ImagePixels {
  const plane = scorePlane(where, map);
  const { values, height, width } = maskPlane(where, mask, plane);
  const counted = valid && maskPlane(where, valid, plane).values;
  const place = (index: number) =>
    `index ${index} (row ${Math.floor(index / width)}, column ${index % width})`;
  const scores =
    nanCheck === 'full' ? withoutNan(where, plane.values, options, place, counted) : plane.values;
  const { starts, ends, regionOfRun, sizes } = findRegions(values, height, width, options, counted);

  const anomalous = emptyLike(
    scores,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const regionOf = new Uint32Array(anomalous.length);
  let anomalousCount = 0;
  for (let run = 0; run < starts.length; run++) {
    if (regionOfRun[run] < 0) continue;
    const from = anomalousCount;
    anomalousCount = copyCounted(scores, counted, starts[run], ends[run], anomalous, from);
    regionOf.fill(regionOfRun[run], from, anomalousCount);
  }
  const normal = scoresOutside(scores, starts, ends, counted);
  return { normal, anomalous, regionOf, regionSizes: sizes, hasForeground: starts.length > 0 };
}

/** Collects the pixels of images one after the other: 4 bytes per normal, 8 per anomalous pixel. */
export class PixelCollector {
  private readonly normal: Scores[] = [];
  private readonly anomalous: Scores[] = [];
  private readonly regionOf: Uint32Array[] = [];
  private readonly regionSizes: number[] = [];
  private images = 0;

  constructor(
    private readonly where: string,
    private readonly options: PoolOptions,
    private readonly nanCheck: 'full' | 'none' = 'full',
  ) {
    checkRegionOptions(where, options);
  }

  /** `'borrow'` keeps a reference to the map where that saves a copy; `'copy'` lets the caller reuse it. */
  add(map: ScoreMap, mask: MaskMap, valid: MaskMap | undefined, memory: 'borrow' | 'copy'): void {
    const where = `${this.where}: image ${this.images}`;
    const { normal, anomalous, regionOf, regionSizes } = readImage(
      where,
      map,
      mask,
      valid,
      this.options,
      this.nanCheck,
    );
    if (memory === 'copy') this.normal.push(concatScores(normal));
    else for (const piece of normal) this.normal.push(piece);
    this.append(anomalous, regionOf, regionSizes);
    this.images++;
  }

  /** Adds all that another collector holds. */
  addAll(other: PixelCollector): void {
    for (const normal of other.normal) this.normal.push(normal);
    this.append(...other.anomalousPixels());
    this.images += other.images;
  }

  pool(): Pool {
    const { normal, regionSizes } = this;
    const [anomalous, regionOf] = this.anomalousPixels();
    return { normal, anomalous, regionOf, regionSizes };
  }

  private anomalousPixels(): [Scores, Uint32Array, readonly number[]] {
    const anomalous = concatScores(this.anomalous);
    const regionOf = new Uint32Array(anomalous.length);
    let at = 0;
    for (const part of this.regionOf) {
      regionOf.set(part, at);
      at += part.length;
    }
    return [anomalous, regionOf, this.regionSizes];
  }

  /** Adds anomalous pixels, whose regions follow those already here. */
  private append(anomalous: Scores, regionOf: Uint32Array, regionSizes: readonly number[]): void {
    const offset = this.regionSizes.length;
    this.anomalous.push(anomalous);
    this.regionOf.push(regionOf.map((region) => region + offset));
    for (const size of regionSizes) this.regionSizes.push(size);
  }
}

/** What each anomalous element of a pool is of its region; the shares of a region add up to 1. */
export function regionShares({ regionOf, regionSizes, weights }: Pool): Float64Array {
  const share = new Float64Array(regionOf.length);
  for (let i = 0; i < share.length; i++) {
    share[i] = (weights ? weights.anomalous[i] : 1) / regionSizes[regionOf[i]];
  }
  return share;
}

function poolList(where: string, scores: Scores, labels: Uint8Array, options: NanOptions): Pool {
  checkSameLength(where, `labels for ${scores.length} scores`, labels.length, scores.length);
  const clean = withoutNan(where, scores, options, (index) => `index ${index}`);
  const [scoreBlocks, labelBlocks] = [blocks(clean), blocks(labels)];
  const anomalousCount = labelBlocks.reduce((sum, block) => sum + countAnomalous(block), 0);
  const normalCount = clean.length - anomalousCount;

  const normal = emptyLike(clean, normalCount + 1);
  const anomalous = emptyLike(clean, anomalousCount + 1);
  let normals = 0;
  let start = 0;
  for (const [i, block] of scoreBlocks.entries()) {
    normals += separate(block, labelBlocks[i], normal, normals, anomalous, start - normals);
    start += block.length;
  }
  return {
    normal: [normal.subarray(0, normalCount)],
    anomalous: anomalous.subarray(0, anomalousCount),
    regionOf: new Uint32Array(0),
    regionSizes: [],
  };
}

function countAnomalous(labels: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] !== 0) count++;
  return count;
}

/**
 * Appends each score to the list of its kind; returns how many were normal. Every score is written to both lists
 * and only the right one advances, as labels come in no order that a branch could guess.
 */
function separate(
  scores: Scores,
  labels: Uint8Array,
  normal: Scores,
  normalStart: number,
  anomalous: Scores,
  anomalousStart: number,
): number {
  let normals = 0;
  for (let i = 0; i < scores.length; i++) {
    normal[normalStart + normals] = scores[i];
    anomalous[anomalousStart + i - normals] = scores[i];
    normals += labels[i] === 0 ? 1 : 0;
  }
  return normals;
}

/** Below this many pixels per piece, copying them is cheaper than keeping track of the pieces. */
const MIN_PIECE = 256;

/** The counted scores outside all runs. */
function scoresOutside(
  scores: Scores,
  starts: readonly number[],
  ends: readonly number[],
  counted: Uint8Array | undefined,
): Scores[] {
  if (counted === undefined && scores.length >= MIN_PIECE * starts.length) {
    const pieces = starts.map((start, run) => scores.subarray(run === 0 ? 0 : ends[run - 1], start));
    return [...pieces, scores.subarray(ends.at(-1) ?? 0)];
  }
  const copy = emptyLike(scores, scores.length);
  let count = 0;
  for (let run = 0; run <= starts.length; run++) {
    const from = run === 0 ? 0 : ends[run - 1];
    count = copyCounted(scores, counted, from, starts[run] ?? scores.length, copy, count);
  }
  return [copy.subarray(0, count)];
}

/** Appends the counted scores of [start, end) to `target` at `to`; returns where the next one goes. */
function copyCounted(
  scores: Scores,
  counted: Uint8Array | undefined,
  start: number,
  end: number,
  target: Scores,
  to: number,
): number {
  if (counted === undefined) {
    target.set(scores.subarray(start, end), to);
    return to + end - start;
  }
  let next = to;
  for (let i = start; i < end; i++) {
    if (counted[i] !== 0) target[next++] = scores[i];
  }
  return next;
}
