import { cosSinOfTurns } from '@anomclip/core/random';
import { createSineTransform } from './sine-transform.js';

/**
 * Solves the 5-point Poisson equation u[i−1,j] + u[i+1,j] + u[i,j−1] + u[i,j+1] − 4 u[i,j] = q[i,j] with u = 0 around
 * the rectangle, directly: a sine transform along the lines leaves one tridiagonal system per frequency. Exact but for
 * rounding. Fastest when the lines are the shorter side.
 *
 * @param fields - [count, lines, length]: q comes in, u goes out.
 */
export function solvePoisson(fields: Float64Array, count: number, lines: number, length: number): void {
  const transform = createSineTransform(length);
  transform(fields, count * lines);
  const pivots = eliminate(lines, length);
  const size = lines * length;
  const scale = 2 / (length + 1); // the second transform's
  for (let field = 0; field < count * size; field += size) {
    for (let i = 0; i < size; i++) {
      const above = i < length ? 0 : fields[field + i - length];
      fields[field + i] = (fields[field + i] * scale - above) * pivots[i];
    }
    for (let i = size - length - 1; i >= 0; i--) {
      fields[field + i] -= pivots[i] * fields[field + i + length];
    }
  }
  transform(fields, count * lines);
}

/** Thomas' elimination of u[i−1] + λ_k u[i] + u[i+1] for every frequency k: the reciprocal pivots, [lines, length]. */
function eliminate(lines: number, length: number): Float64Array {
  const pivots = new Float64Array(lines * length);
  for (let k = 0; k < length; k++) {
    const eigenvalue = 2 * cosSinOfTurns((k + 1) / (2 * (length + 1)))[0] - 4;
    let pivot = 0;
    for (let i = k; i < pivots.length; i += length) {
      pivot = 1 / (eigenvalue - pivot);
      pivots[i] = pivot;
    }
  }
  return pivots;
}
