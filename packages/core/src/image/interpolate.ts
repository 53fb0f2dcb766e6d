import ndarray, { type NdArray } from 'ndarray';
import { ArgumentError, ShapeError } from '../errors.js';
import { type AxisTaps, antialiasedTaps, cubic, emptyTaps, triangle } from './axis-taps.js';
import { contiguous } from './contiguous.js';
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
  const columns = axisTaps(sourceWidth, width, mode, alignCorners, antialias);
  const rows = axisTaps(sourceHeight, height, mode, alignCorners, antialias);
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

function axisTaps(
  sourceLength: number,
  length: number,
  mode: 'bilinear' | 'nearest' | 'bicubic',
  alignCorners: boolean,
  antialias: boolean,
): AxisTaps {
  if (mode === 'nearest') return nearestTaps(sourceLength, length);
  if (antialias) return antialiasedTaps(sourceLength, length, mode === 'bicubic' ? cubic(-0.5) : triangle);
  return mode === 'bicubic'
    ? cubicTaps(sourceLength, length, alignCorners)
    : linearTaps(sourceLength, length, alignCorners);
}

function nearestTaps(sourceLength: number, length: number): AxisTaps {
  const taps = emptyTaps(length, 1);
  // PyTorch computes this position in float32, and that decides some pixels.
  const scale = Math.fround(sourceLength / length);
  for (let i = 0; i < length; i++) {
    taps.starts[i] = Math.min(Math.floor(Math.fround(i * scale)), sourceLength - 1);
  }
  taps.counts.fill(1);
  taps.weights.fill(1);
  return taps;
}

function linearTaps(sourceLength: number, length: number, alignCorners: boolean): AxisTaps {
  const taps = emptyTaps(length, 2);
  for (let i = 0; i < length; i++) {
    const position = Math.max(0, sourcePosition(i, sourceLength, length, alignCorners));
    const start = Math.min(Math.floor(position), sourceLength - 1);
    const fraction = position - start;
    taps.starts[i] = start;
    taps.counts[i] = start + 1 < sourceLength ? 2 : 1;
    taps.weights[2 * i] = taps.counts[i] === 2 ? 1 - fraction : 1;
    taps.weights[2 * i + 1] = taps.counts[i] === 2 ? fraction : 0;
  }
  return taps;
}

/** Four taps; those outside fall on the border element. */
function cubicTaps(sourceLength: number, length: number, alignCorners: boolean): AxisTaps {
  const taps = emptyTaps(length, 4);
  const { weight } = cubic(-0.75);
  const clamp = (index: number): number => Math.min(Math.max(index, 0), sourceLength - 1);
  for (let i = 0; i < length; i++) {
    const position = sourcePosition(i, sourceLength, length, alignCorners);
    const floor = Math.floor(position);
    const start = clamp(floor - 1);
    taps.starts[i] = start;
    taps.counts[i] = clamp(floor + 2) - start + 1;
    for (let index = floor - 1; index <= floor + 2; index++) {
      taps.weights[4 * i + clamp(index) - start] += weight(position - index);
    }
  }
  return taps;
}

function sourcePosition(i: number, sourceLength: number, length: number, alignCorners: boolean): number {
  if (alignCorners) return length > 1 ? (i * (sourceLength - 1)) / (length - 1) : 0;
  return ((i + 0.5) * sourceLength) / length - 0.5;
}
