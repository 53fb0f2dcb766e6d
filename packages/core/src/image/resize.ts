import ndarray, { type NdArray } from 'ndarray';
import { ArgumentError, ShapeError } from '../errors.js';
import { type AxisTaps, antialiasedTaps, cubic, triangle } from './axis-taps.js';
import { contiguous } from './contiguous.js';

export interface ResizeOptions {
  /** How pixels are mixed; `bicubic` and `bilinear` average when they shrink. @defaultValue 'bicubic' */
  filter?: 'bicubic' | 'bilinear' | 'nearest';
}

/**
 * Resizes an 8-bit image to the pixels Pillow's `Image.resize` gives, and so torchvision's on PIL images: separable,
 * columns first, 22-bit fixed point weights, rounded to 8 bits after each pass.
 *
 * @param image - [H, W, C] or [H, W], at least one pixel; strided views are fine.
 * @param height - Rows of the result, ≥ 1.
 * @param width - Columns of the result, ≥ 1.
 * @returns A new array, [height, width, C] or [height, width].
 * @throws {@link ShapeError} for another rank or an empty image, {@link ArgumentError} for another size or filter.
 */
export function resizeImage(
  image: NdArray<Uint8Array>,
  height: number,
  width: number,
  options: ResizeOptions = {},
): NdArray<Uint8Array> {
  const { filter = 'bicubic' } = options;
  const { shape } = image;
  if ((shape.length !== 2 && shape.length !== 3) || shape.includes(0)) {
    throw new ShapeError('resizeImage', '[H, W, C] or [H, W] with at least one pixel', shape);
  }
  assertTargetSize('resizeImage', height, width);
  const [sourceHeight, sourceWidth, channels = 1] = shape;
  const source = contiguous(image);
  const resultShape = [height, width, ...shape.slice(2)];
  if (filter === 'nearest') {
    return ndarray(resizeNearest(source, sourceHeight, sourceWidth, channels, height, width), resultShape);
  }
  if (filter !== 'bicubic' && filter !== 'bilinear') {
    throw new ArgumentError('resizeImage', "filter 'bicubic', 'bilinear' or 'nearest'", filter);
  }
  const kernel = filter === 'bicubic' ? cubic(-0.5) : triangle;
  const narrowed =
    width === sourceWidth
      ? source
      : resizeColumns(
          source,
          sourceHeight,
          sourceWidth,
          channels,
          antialiasedTaps(sourceWidth, width, kernel),
        );
  const resized =
    height === sourceHeight
      ? narrowed
      : resizeRows(narrowed, width * channels, antialiasedTaps(sourceHeight, height, kernel));
  return ndarray(resized === image.data ? new Uint8Array(resized) : resized, resultShape);
}

/** @throws {@link ArgumentError} unless both sides are whole numbers ≥ 1. */
export function assertTargetSize(where: string, height: number, width: number): void {
  if (Number.isSafeInteger(height) && Number.isSafeInteger(width) && height > 0 && width > 0) return;
  throw new ArgumentError(where, 'a height and a width, whole numbers ≥ 1', `${height} × ${width}`);
}

const FRACTION_BITS = 22;
const HALF = 1 << (FRACTION_BITS - 1);

function resizeColumns(
  source: Uint8Array,
  rows: number,
  sourceWidth: number,
  channels: number,
  taps: AxisTaps,
): Uint8Array {
  const { starts, counts } = taps;
  const weights = fixedPoint(taps.weights);
  const length = starts.length;
  const result = new Uint8Array(rows * length * channels);
  for (let row = 0; row < rows; row++) {
    let at = row * length * channels;
    const sourceRow = row * sourceWidth * channels;
    for (let i = 0; i < length; i++) {
      const first = sourceRow + starts[i] * channels;
      const weightStart = i * taps.width;
      const weightEnd = weightStart + counts[i];
      if (channels === 3) {
        let red = HALF;
        let green = HALF;
        let blue = HALF;
        for (let k = weightStart, from = first; k < weightEnd; k++, from += 3) {
          const weight = weights[k];
          red += source[from] * weight;
          green += source[from + 1] * weight;
          blue += source[from + 2] * weight;
        }
        result[at++] = clamp8(red >> FRACTION_BITS);
        result[at++] = clamp8(green >> FRACTION_BITS);
        result[at++] = clamp8(blue >> FRACTION_BITS);
      } else {
        for (let channel = 0; channel < channels; channel++) {
          let sum = HALF;
          for (let k = weightStart, from = first + channel; k < weightEnd; k++, from += channels) {
            sum += source[from] * weights[k];
          }
          result[at++] = clamp8(sum >> FRACTION_BITS);
        }
      }
    }
  }
  return result;
}

function resizeRows(source: Uint8Array, rowLength: number, taps: AxisTaps): Uint8Array {
  const { starts, counts } = taps;
  const weights = fixedPoint(taps.weights);
  const length = starts.length;
  const result = new Uint8Array(length * rowLength);
  const sums = new Int32Array(rowLength);
  for (let i = 0; i < length; i++) {
    sums.fill(HALF);
    for (let k = 0; k < counts[i]; k++) {
      const weight = weights[i * taps.width + k];
      const from = (starts[i] + k) * rowLength;
      for (let x = 0; x < rowLength; x++) sums[x] += source[from + x] * weight;
    }
    const at = i * rowLength;
    for (let x = 0; x < rowLength; x++) result[at + x] = clamp8(sums[x] >> FRACTION_BITS);
  }
  return result;
}

/** Rounds half away from zero, as Pillow does. */
function fixedPoint(weights: Float64Array): Int32Array {
  return Int32Array.from(weights, (w) => Math.trunc(w * 2 ** FRACTION_BITS + (w < 0 ? -0.5 : 0.5)));
}

function clamp8(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}

function resizeNearest(
  source: Uint8Array,
  sourceHeight: number,
  sourceWidth: number,
  channels: number,
  height: number,
  width: number,
): Uint8Array {
  const rows = nearestIndices(sourceHeight, height);
  const columns = nearestIndices(sourceWidth, width);
  const result = new Uint8Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (rows[y] * sourceWidth + columns[x]) * channels;
      for (let channel = 0; channel < channels; channel++) result[at++] = source[from + channel];
    }
  }
  return result;
}

/** The source pixel under every output pixel's centre, found as Pillow does by adding the step up. */
function nearestIndices(sourceLength: number, length: number): Int32Array {
  const indices = new Int32Array(length);
  const step = sourceLength / length;
  let position = 0.5 * step;
  for (let i = 0; i < length; i++) {
    indices[i] = Math.min(Math.floor(position), sourceLength - 1);
    position += step;
  }
  return indices;
}
