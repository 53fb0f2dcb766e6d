import { ArgumentError } from '@anomclip/core';
import { type AnomalyMap, contiguous, pillowGaussianBlur } from '@anomclip/core/image';
import ndarray from 'ndarray';

/**
 * `'pillow8'`: on 8 bits relative to the map's maximum, as the released program; at most 256 different values and
 * many ties. `'float'`: the same kernel without rounding. `'none'`: no blur.
 */
export type MapBlur = 'pillow8' | 'float' | 'none';

/** Standard deviation of the blur in pixels of the map. */
const SIGMA = 4;

/**
 * Smooths an anomaly map with standard deviation 4: three extended box filters along the rows, then three along the
 * columns, edges continued (`'pillow8'`: the imaging library's integer form of it).
 *
 * @param map - [H, W], every value ≥ 0.
 * @returns A new map, also for `'none'`; all zero when `map` is.
 */
export function blurMap(map: AnomalyMap, blur: MapBlur): AnomalyMap {
  const values = contiguous(map);
  if (blur === 'none') return ndarray(values.slice(), [...map.shape]);
  if (blur === 'float') return floatBlur(values, map.shape[0], map.shape[1]);
  if (blur === 'pillow8') return pillow8Blur(values, map.shape);
  throw new ArgumentError('blurMap', "'pillow8', 'float' or 'none'", blur);
}

function pillow8Blur(values: Float32Array, shape: readonly number[]): AnomalyMap {
  const maximum = values.reduce((largest, value) => Math.max(largest, value), 0);
  if (maximum === 0) return ndarray(values.slice(), [...shape]);
  // In float32 as the released program has it: the truncation to 8 bits depends on it.
  const quantised = Uint8Array.from(values, (value) => Math.fround(Math.fround(value / maximum) * 255));
  const blurred = contiguous(pillowGaussianBlur(ndarray(quantised, [...shape]), SIGMA));
  return ndarray(
    Float32Array.from(blurred, (grey) => Math.fround(grey / 255) * maximum),
    [...shape],
  );
}

function floatBlur(values: Float32Array, height: number, width: number): AnomalyMap {
  const blurred = Float64Array.from(values);
  for (let row = 0; row < height; row++) blurLine(blurred, row * width, 1, width);
  for (let column = 0; column < width; column++) blurLine(blurred, column, width, height);
  return ndarray(Float32Array.from(blurred), [height, width]);
}

const PASSES = 3;

/** Whole part and fraction of the box radius whose three passes have variance σ² (Gwosdek et al. 2011). */
function extendedBox(): { whole: number; fraction: number } {
  const variance = SIGMA ** 2 / PASSES;
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const fraction =
    ((2 * whole + 1) * (whole * (whole + 1) - 3 * variance)) / (6 * (variance - (whole + 1) ** 2));
  return { whole, fraction };
}

function blurLine(values: Float64Array, start: number, step: number, length: number): void {
  const { whole, fraction } = extendedBox();
  const margin = whole + 1;
  const line = new Float64Array(length + 2 * margin);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < line.length; i++) {
      const source = Math.min(Math.max(i - margin, 0), length - 1);
      line[i] = values[start + source * step];
    }
    for (let i = 0; i < length; i++) {
      let sum = fraction * (line[i] + line[i + 2 * margin]);
      for (let k = 1; k <= 2 * whole + 1; k++) sum += line[i + k];
      values[start + i * step] = sum / (2 * (whole + fraction) + 1);
    }
  }
}
