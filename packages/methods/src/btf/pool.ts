import { ArgumentError, ShapeError } from '@anomclip/core';

/**
 * The patch features of a map: the average over 3×3 windows (stride 1, no padding), then the adaptive average to
 * `size`×`size`, whose window i covers ⌊i·n/size⌋ … ⌈(i + 1)·n/size⌉ − 1 of n = side − 2.
 *
 * Both steps are averages per axis, so they are one weighted sum per axis.
 *
 * @param map - [height, width, channels], row-major; both sides at least 3.
 * @returns [size, size, channels], row-major.
 * @throws {@link ShapeError} when the map has another size or is too small.
 */
export function poolFeatures(
  map: Float32Array,
  height: number,
  width: number,
  channels: number,
  size: number,
): Float32Array {
  if (map.length !== height * width * channels || height < 3 || width < 3) {
    throw new ShapeError('poolFeatures', 'at least [3, 3, C], flattened', [height, width, channels]);
  }
  if (!Number.isInteger(size) || size < 1)
    throw new ArgumentError('poolFeatures', 'size of at least 1', size);
  const columns = windows(width, size);
  const rows = windows(height, size);

  const narrowed = new Float64Array(height * size * channels);
  for (let row = 0; row < height; row++) {
    columns.forEach(({ first, weights }, column) => {
      const target = (row * size + column) * channels;
      for (let k = 0; k < weights.length; k++) {
        const source = (row * width + first + k) * channels;
        for (let c = 0; c < channels; c++) narrowed[target + c] += weights[k] * map[source + c];
      }
    });
  }

  const rowLength = size * channels;
  const pooled = new Float32Array(size * rowLength);
  const sums = new Float64Array(rowLength);
  rows.forEach(({ first, weights }, row) => {
    sums.fill(0);
    for (let k = 0; k < weights.length; k++) {
      const source = (first + k) * rowLength;
      for (let i = 0; i < rowLength; i++) sums[i] += weights[k] * narrowed[source + i];
    }
    pooled.set(sums, row * rowLength);
  });
  return pooled;
}

interface Window {
  readonly first: number;
  readonly weights: Float64Array;
}

function windows(side: number, size: number): Window[] {
  const averaged = side - 2;
  return Array.from({ length: size }, (_, i) => {
    const first = Math.floor((i * averaged) / size);
    const count = Math.ceil(((i + 1) * averaged) / size) - first;
    const weights = new Float64Array(count + 2);
    for (let k = 0; k < count; k++) for (let tap = 0; tap < 3; tap++) weights[k + tap] += 1 / (3 * count);
    return { first, weights };
  });
}
