import ndarray, { type NdArray } from 'ndarray';
import { ArgumentError, ShapeError } from '../errors.js';
import { contiguous } from './contiguous.js';

export interface GaussianFilterOptions {
  /** Where the kernel ends, in standard deviations. @defaultValue 4 */
  truncate?: number;
}

/**
 * Gaussian blur as `scipy.ndimage.gaussian_filter` does it (mode `reflect`: d c b a | a b c d | d c b a): sums in
 * float64, one pass along the columns, then one along the rows, each stored in the type of the map.
 *
 * @param map - [H, W], float32 or float64; strided views are fine. An empty map gives an empty map.
 * @param sigma - Standard deviation in pixels, ≥ 0; 0 copies.
 * @returns A new array, [H, W], of the type of `map`.
 * @throws {@link ShapeError} for another rank, {@link ArgumentError} for a negative or non-finite sigma or truncate.
 */
export function gaussianFilter<T extends Float32Array | Float64Array>(
  map: NdArray<T>,
  sigma: number,
  options: GaussianFilterOptions = {},
): NdArray<T> {
  const { truncate = 4 } = options;
  if (map.shape.length !== 2) throw new ShapeError('gaussianFilter', '[H, W]', map.shape);
  assertNonNegative('sigma', sigma);
  assertNonNegative('truncate', truncate);
  const [height, width] = map.shape;
  const source = contiguous(map);
  if (sigma === 0 || source.length === 0) return ndarray(source.slice() as T, [height, width]);

  const kernel = halfKernel(sigma, Math.trunc(truncate * sigma + 0.5));
  const down = source.slice() as T;
  filterDown(source, down, height, width, kernel);
  filterAcross(down, height, width, kernel);
  return ndarray(down, [height, width]);
}

function assertNonNegative(name: string, value: number): void {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return;
  throw new ArgumentError('gaussianFilter', `a finite ${name} ≥ 0`, value);
}

/** Weights at distance 0…radius of a symmetric kernel with sum 1. */
function halfKernel(sigma: number, radius: number): Float64Array {
  const kernel = Float64Array.from({ length: radius + 1 }, (_, x) =>
    Math.exp((-0.5 / (sigma * sigma)) * x * x),
  );
  let total = kernel[0];
  for (let x = 1; x <= radius; x++) total += 2 * kernel[x];
  return kernel.map((weight) => weight / total);
}

function filterDown(
  source: Float32Array | Float64Array,
  result: Float32Array | Float64Array,
  height: number,
  width: number,
  kernel: Float64Array,
): void {
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) sums[x] = kernel[0] * source[y * width + x];
    for (let distance = kernel.length - 1; distance > 0; distance--) {
      const above = reflect(y - distance, height) * width;
      const below = reflect(y + distance, height) * width;
      const weight = kernel[distance];
      for (let x = 0; x < width; x++) sums[x] += (source[above + x] + source[below + x]) * weight;
    }
    for (let x = 0; x < width; x++) result[y * width + x] = sums[x];
  }
}

function filterAcross(
  values: Float32Array | Float64Array,
  height: number,
  width: number,
  kernel: Float64Array,
): void {
  const radius = kernel.length - 1;
  const padded = new Float64Array(width + 2 * radius);
  const mirror = Int32Array.from(padded, (_, i) => reflect(i - radius, width));
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < padded.length; i++) padded[i] = values[y * width + mirror[i]];
    for (let x = 0; x < width; x++) {
      const centre = x + radius;
      let sum = kernel[0] * padded[centre];
      for (let distance = radius; distance > 0; distance--) {
        sum += (padded[centre - distance] + padded[centre + distance]) * kernel[distance];
      }
      values[y * width + x] = sum;
    }
  }
}

/** The index inside a line that mirrors itself, border element included, for ever. */
function reflect(index: number, length: number): number {
  const period = 2 * length;
  const within = ((index % period) + period) % period;
  return within < length ? within : period - 1 - within;
}
