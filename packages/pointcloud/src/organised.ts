import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous, type Image, type Mask } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import ndarray from 'ndarray';
import { zerosLike } from './zeros-like.js';

/**
 * Which pixels hold no point. `'any-zero'`: one coordinate is exactly 0 or not finite (the test of BTF);
 * `'all-zero'`: all three are 0, or one is not finite.
 */
export type MissingTest = 'any-zero' | 'all-zero';

/** What one sensor saw, pixel by pixel. All parts have the same height and width. */
export interface Scan {
  readonly organised: OrganisedCloud;
  /** [H, W, 3]. */
  readonly image?: Image;
  /** [H, W], 1 where anomalous. */
  readonly mask?: Mask;
}

/** The points of a grid without the grid. */
export interface UnorganisedPoints {
  /** xyz triples of the valid points in raster order, length 3·N. */
  readonly positions: Float32Array;
  /** [N] raster index (row · W + column) of each point, ascending. */
  readonly index: Uint32Array;
}

/** A rectangle of pixels. */
export interface PixelBox {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The valid points of a grid, in raster order. A grid without valid points gives two empty arrays.
 *
 * @param options - `missing`: which pixels are left out. Default `'any-zero'`.
 * @throws {@link ShapeError} when `xyz` is not [H, W, 3].
 */
export function toUnorganised(
  organised: OrganisedCloud,
  options: { missing?: MissingTest } = {},
): UnorganisedPoints {
  const { missing = 'any-zero' } = options;
  gridSize('toUnorganised', organised);
  const xyz = contiguous(organised.xyz);
  const isValid = validityTest('toUnorganised', missing);
  const positions = new Float32Array(xyz.length);
  const index = new Uint32Array(xyz.length / 3);
  let count = 0;
  for (let pixel = 0, i = 0; i < xyz.length; pixel++, i += 3) {
    const x = xyz[i];
    const y = xyz[i + 1];
    const z = xyz[i + 2];
    if (!isValid(x, y, z)) continue;
    positions[3 * count] = x;
    positions[3 * count + 1] = y;
    positions[3 * count + 2] = z;
    index[count++] = pixel;
  }
  return { positions: positions.slice(0, 3 * count), index: index.slice(0, count) };
}

/**
 * Writes one row of values per point back to the point's pixel; the other pixels are 0. The inverse of
 * {@link toUnorganised} when `values` are its positions.
 *
 * @param values - Row-major [N, channels].
 * @param index - [N] raster index of each row.
 * @returns [height, width, channels].
 * @throws {@link ShapeError} when `values` does not hold `channels` numbers per index.
 * @throws {@link ArgumentError} when an index lies outside the grid.
 */
export function toOrganised(
  values: Float32Array | Float64Array,
  index: Uint32Array,
  height: number,
  width: number,
  channels = 3,
): NdArray<Float32Array> {
  if (values.length !== index.length * channels) {
    throw new ShapeError('toOrganised: values', `[${index.length}, ${channels}]`, [values.length]);
  }
  const grid = new Float32Array(height * width * channels);
  for (let row = 0; row < index.length; row++) {
    const pixel = index[row];
    if (pixel >= height * width) {
      throw new ArgumentError('toOrganised: index', `values below ${height} · ${width}`, pixel);
    }
    for (let c = 0; c < channels; c++) grid[pixel * channels + c] = values[row * channels + c];
  }
  return ndarray(grid, [height, width, channels]);
}

/**
 * Resizes a grid by repeating or dropping points; coordinates are never interpolated, which would invent
 * points across edges. Source row of row i: min(⌊i·s⌋, H − 1), s = H / height, both in float32 as the
 * published BTF numbers need it (at H = 600 float64 differs in 2 of 224 rows). Columns likewise.
 *
 * @throws {@link ShapeError} when `xyz` is not [H, W, 3].
 * @throws {@link ArgumentError} when the new size is not positive, or the grid is empty.
 */
export function resizeNearest(organised: OrganisedCloud, height: number, width: number): OrganisedCloud {
  const [sourceHeight, sourceWidth] = gridSize('resizeNearest', organised);
  checkResize('resizeNearest', sourceHeight, sourceWidth, height, width);
  const rows = flooredSources(sourceHeight, height);
  const columns = flooredSources(sourceWidth, width);
  return { xyz: gather(organised.xyz, rows, columns) };
}

/**
 * All parts of a scan resized to the same rows and columns, those of {@link resizeNearest}, so that pixels stay together.
 *
 * @throws {@link ShapeError} when the parts differ in size.
 * @throws {@link ArgumentError} when the new size is not positive, or the grid is empty.
 */
export function resizeScan(scan: Scan, height: number, width: number): Scan {
  const [sourceHeight, sourceWidth] = scanSize('resizeScan', scan);
  checkResize('resizeScan', sourceHeight, sourceWidth, height, width);
  const rows = flooredSources(sourceHeight, height);
  const columns = flooredSources(sourceWidth, width);
  return mapScan(scan, (part) => gather(part, rows, columns));
}

/** Options of {@link maskResizeNearest}. */
export interface MaskResizeOptions {
  /**
   * `'centred'`: source row ⌊(i + 0.5)·H / height⌋, what the published pipelines do with masks, half a step
   * away from the points. `'same-as-xyz'`: the rows and columns of {@link resizeNearest}.
   * @defaultValue 'centred'
   */
  alignment?: 'centred' | 'same-as-xyz';
}

/**
 * Resizes a mask to the nearest pixel.
 *
 * @throws {@link ShapeError} when `mask` is not [H, W].
 * @throws {@link ArgumentError} when the new size is not positive, or the mask is empty.
 */
export function maskResizeNearest(
  mask: Mask,
  height: number,
  width: number,
  options: MaskResizeOptions = {},
): Mask {
  const { alignment = 'centred' } = options;
  if (mask.dimension !== 2) throw new ShapeError('maskResizeNearest', '[H, W]', mask.shape);
  const [sourceHeight, sourceWidth] = mask.shape;
  checkResize('maskResizeNearest', sourceHeight, sourceWidth, height, width);
  const sources = alignment === 'centred' ? centredSources : flooredSources;
  return gather(mask, sources(sourceHeight, height), sources(sourceWidth, width));
}

/**
 * A rectangle of a scan, as a copy.
 *
 * @throws {@link ShapeError} when the parts differ in size.
 * @throws {@link ArgumentError} when the box is not inside the grid.
 */
export function crop(scan: Scan, box: PixelBox): Scan {
  const [height, width] = scanSize('crop', scan);
  const { top, left } = box;
  const inside = (start: number, length: number, end: number) =>
    Number.isInteger(start) && Number.isInteger(length) && start >= 0 && length >= 0 && start + length <= end;
  if (!inside(top, box.height, height) || !inside(left, box.width, width)) {
    const came = `${box.height} × ${box.width} from row ${top}, column ${left}`;
    throw new ArgumentError('crop', `a box inside ${height} × ${width}`, came);
  }
  return mapScan(scan, (part) => copyInto(part, box.height, box.width, -top, -left));
}

/**
 * Pads a scan with zeros (missing points, black, normal) to a square whose side is a multiple of `multiple`:
 * the larger of height and width, rounded up. Half of the padding, rounded down, goes above and to the left.
 *
 * @throws {@link ShapeError} when the parts differ in size.
 * @throws {@link ArgumentError} when `multiple` is not a positive integer.
 */
export function padToSquare(scan: Scan, multiple = 100): Scan {
  const [height, width] = scanSize('padToSquare', scan);
  const { side, top, left } = squarePadding(height, width, multiple);
  return mapScan(scan, (part) => copyInto(part, side, side, top, left));
}

/** Where {@link padToSquare} puts the first pixel of a grid, and the side of its result. */
export function squarePadding(
  height: number,
  width: number,
  multiple = 100,
): { side: number; top: number; left: number } {
  if (!Number.isInteger(multiple) || multiple < 1) {
    throw new ArgumentError('padToSquare: multiple', 'a positive integer', multiple);
  }
  const side = Math.ceil(Math.max(height, width) / multiple) * multiple;
  return { side, top: Math.floor((side - height) / 2), left: Math.floor((side - width) / 2) };
}

/**
 * The z coordinate of every pixel, 0 where the point is missing.
 *
 * @param options - `missing`: which pixels count as missing. Default `'any-zero'`.
 * @returns [H, W], in the unit of the cloud.
 */
export function depthMap(
  organised: OrganisedCloud,
  options: { missing?: MissingTest } = {},
): NdArray<Float32Array> {
  const { missing = 'any-zero' } = options;
  const [height, width] = gridSize('depthMap', organised);
  const xyz = contiguous(organised.xyz);
  const isValid = validityTest('depthMap', missing);
  const depth = new Float32Array(height * width);
  for (let pixel = 0, i = 0; pixel < depth.length; pixel++, i += 3) {
    if (isValid(xyz[i], xyz[i + 1], xyz[i + 2])) depth[pixel] = xyz[i + 2];
  }
  return ndarray(depth, [height, width]);
}

/** Tells whether (x, y, z) is a point, by the missing test. */
export function validityTest(
  where: string,
  missing: MissingTest,
): (x: number, y: number, z: number) => boolean {
  // The sum is finite exactly when all three float32 coordinates are: it cannot overflow in float64.
  if (missing === 'any-zero') return (x, y, z) => x !== 0 && y !== 0 && z !== 0 && Number.isFinite(x + y + z);
  if (missing === 'all-zero')
    return (x, y, z) => (x !== 0 || y !== 0 || z !== 0) && Number.isFinite(x + y + z);
  throw new ArgumentError(`${where}: missing`, "'any-zero' or 'all-zero'", missing);
}

/** Height and width of a scan after checking that all its parts agree. */
export function scanSize(where: string, { organised, image, mask }: Scan): [height: number, width: number] {
  const [height, width] = gridSize(where, organised);
  const agrees = (shape: readonly number[]) => shape[0] === height && shape[1] === width;
  if (image && (image.dimension !== 3 || image.shape[2] !== 3 || !agrees(image.shape))) {
    throw new ShapeError(`${where}: image`, `[${height}, ${width}, 3] as xyz has it`, image.shape);
  }
  if (mask && (mask.dimension !== 2 || !agrees(mask.shape))) {
    throw new ShapeError(`${where}: mask`, `[${height}, ${width}] as xyz has it`, mask.shape);
  }
  return [height, width];
}

function gridSize(where: string, { xyz }: OrganisedCloud): [height: number, width: number] {
  if (xyz.dimension !== 3 || xyz.shape[2] !== 3)
    throw new ShapeError(`${where}: xyz`, '[H, W, 3]', xyz.shape);
  return [xyz.shape[0], xyz.shape[1]];
}

function checkResize(
  where: string,
  fromHeight: number,
  fromWidth: number,
  height: number,
  width: number,
): void {
  if (fromHeight * fromWidth === 0)
    throw new ShapeError(where, 'at least one pixel', [fromHeight, fromWidth]);
  for (const side of [height, width]) {
    if (!Number.isInteger(side) || side < 1)
      throw new ArgumentError(where, 'a positive height and width', side);
  }
}

function flooredSources(from: number, to: number): Uint32Array {
  const scale = Math.fround(from / to);
  return Uint32Array.from({ length: to }, (_, i) => Math.min(Math.floor(Math.fround(i * scale)), from - 1));
}

function centredSources(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to }, (_, i) => Math.min(Math.floor(((i + 0.5) * from) / to), from - 1));
}

function mapScan(
  scan: Scan,
  change: <T extends Float32Array | Uint8Array>(part: NdArray<T>) => NdArray<T>,
): Scan {
  const { organised, image, mask } = scan;
  return {
    organised: { xyz: change(organised.xyz) },
    ...(image && { image: change(image) }),
    ...(mask && { mask: change(mask) }),
  };
}

/** A zero array of the wanted size with the part's pixel (0, 0) at (top, left); what falls outside is cut off. */
function copyInto<T extends Float32Array | Uint8Array>(
  part: NdArray<T>,
  height: number,
  width: number,
  top: number,
  left: number,
): NdArray<T> {
  const [sourceHeight, sourceWidth, channels = 1] = part.shape;
  const source = contiguous(part);
  const target = zerosLike(source, height * width * channels);
  const firstRow = Math.max(0, -top);
  const lastRow = Math.min(sourceHeight, height - top);
  const firstColumn = Math.max(0, -left);
  const lastColumn = Math.min(sourceWidth, width - left);
  for (let row = firstRow; row < lastRow; row++) {
    const from = row * sourceWidth;
    const pixels = source.subarray((from + firstColumn) * channels, (from + lastColumn) * channels);
    target.set(pixels, ((row + top) * width + firstColumn + left) * channels);
  }
  return ndarray(target, [height, width, ...part.shape.slice(2)]);
}

function gather<T extends Float32Array | Uint8Array>(
  part: NdArray<T>,
  rows: Uint32Array,
  columns: Uint32Array,
): NdArray<T> {
  const [, sourceWidth, channels = 1] = part.shape;
  const source = contiguous(part);
  const target = zerosLike(source, rows.length * columns.length * channels);
  let next = 0;
  for (const row of rows) {
    for (const column of columns) {
      const pixel = (row * sourceWidth + column) * channels;
      for (let c = 0; c < channels; c++) target[next++] = source[pixel + c];
    }
  }
  return ndarray(target, [rows.length, columns.length, ...part.shape.slice(2)]);
}
