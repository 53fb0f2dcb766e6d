import ndarray, { type NdArray } from 'ndarray';
import { ArgumentError, ShapeError } from '../errors.js';
import { contiguous } from './contiguous.js';
import { interpolationTaps } from './interpolation-taps.js';
import { assertTargetSize } from './resize.js';

export interface InterpolateOptions {
  /** @defaultValue 'bilinear' */
  mode?: 'bilinear' | 'nearest' | 'bicubic';
  /** Whether the centres of the corner pixels, not their outer corners, stay in place. @defaultValue false */
  alignCorners?: boolean;
  /** Whether shrinking averages over all source pixels. @defaultValue false */
  antialias?: boolean;
}

/**
 * Resizes a floating-point map as PyTorch's `torch.nn.functional.interpolate` does.
 *
 * @param map - [H, W] or [H, W, C] (channels last), at least one element; strided views are fine.
 * @param height - Rows of the result, ≥ 1.
 * @param width - Columns of the result, ≥ 1.
 * @returns A new array, [height, width] or [height, width, C].
 * @throws {@link ShapeError} for another rank or an empty map, {@link ArgumentError} for another size or mode, or for a
 *   combination that has no meaning: `nearest` with either flag, or both flags together.
 */
export function interpolate(
  map: NdArray<Float32Array>,
  height: number,
  width: number,
  options: InterpolateOptions = {},
): NdArray<Float32Array> {
  const { mode = 'bilinear', alignCorners = false, antialias = false } = options;
  const { shape } = map;
  if ((shape.length !== 2 && shape.length !== 3) || shape.includes(0)) {
    throw new ShapeError('interpolate', '[H, W] or [H, W, C] with at least one element', shape);
  }
  assertTargetSize('interpolate', height, width);
  if (mode !== 'bilinear' && mode !== 'nearest' && mode !== 'bicubic') {
    throw new ArgumentError('interpolate', "mode 'bilinear', 'nearest' or 'bicubic'", mode);
  }
  if ((mode === 'nearest' && (alignCorners || antialias)) || (alignCorners && antialias)) {
    const given = `mode '${mode}' with alignCorners ${alignCorners}, antialias ${antialias}`;
    throw new ArgumentError('interpolate', "at most one flag, and none for 'nearest'", given);
  }
  const [sourceHeight, sourceWidth, channels = 1] = shape;
  const columns = interpolationTaps(sourceWidth, width, mode, alignCorners, antialias);
  const rows = interpolationTaps(sourceHeight, height, mode, alignCorners, antialias);
  const source = contiguous(map);
  const widened = new Float64Array(sourceHeight * width * channels);
  for (let y = 0; y < sourceHeight; y++) {
    const sourceRow = y * sourceWidth * channels;
    let at = y * width * channels;
    for (let x = 0; x < width; x++) {
      const first = sourceRow + columns.starts[x] * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let k = 0; k < columns.counts[x]; k++) {
          sum += columns.weights[x * columns.width + k] * source[first + k * channels + channel];
        }
        widened[at++] = sum;
      }
    }
  }
  const rowLength = width * channels;
  const result = new Float32Array(height * rowLength);
  for (let y = 0; y < height; y++) {
    const first = rows.starts[y] * rowLength;
    for (let x = 0; x < rowLength; x++) {
      let sum = 0;
      for (let k = 0; k < rows.counts[y]; k++) {
        sum += rows.weights[y * rows.width + k] * widened[first + k * rowLength + x];
      }
      result[y * rowLength + x] = sum;
    }
  }
  return ndarray(result, [height, width, ...shape.slice(2)]);
}
