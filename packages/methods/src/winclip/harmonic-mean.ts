import { ShapeError } from '@anomclip/core';

/**
 * Values of windows on the patches they cover (section 3 of WinCLIP's specification): for each patch the harmonic mean
 * over the windows that contain it, |K| / Σ 1/p. Where one of them is 0, the mean is 0.
 *
 * @param values - [windows], of s × s patches at stride 1 in raster order.
 * @param side - Patches along each side of the grid.
 * @param size - s.
 * @returns [side²]
 * @throws {@link ShapeError} when there are not (side − s + 1)² windows.
 */
export function spreadWindows(values: ArrayLike<number>, side: number, size: number): Float64Array {
  const across = side - size + 1;
  if (values.length !== across * across) {
    throw new ShapeError('spreadWindows', `[${across * across}] windows of ${size} × ${size}`, [
      values.length,
    ]);
  }
  const reciprocals = new Float64Array(side * side);
  const counts = new Uint16Array(side * side);
  for (let window = 0; window < values.length; window++) {
    const first = Math.floor(window / across) * side + (window % across);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const patch = first + row * side + column;
        reciprocals[patch] += 1 / values[window];
        counts[patch]++;
      }
    }
  }
  return reciprocals.map((sum, patch) => finite(counts[patch] / sum));
}

/**
 * Harmonic mean of maps, n / Σ 1/m, patch by patch; 0 where it is not finite.
 *
 * @param maps - At least one, of equal length; a number stands for a map of it.
 * @returns As long as the maps.
 */
export function harmonicMean(maps: readonly (Float64Array | number)[], length: number): Float64Array {
  return Float64Array.from({ length }, (_, patch) => {
    let sum = 0;
    for (const map of maps) sum += 1 / (typeof map === 'number' ? map : map[patch]);
    return finite(maps.length / sum);
  });
}

/** 0 for what is no number: NaN and the infinities. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
