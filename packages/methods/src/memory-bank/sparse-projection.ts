import { ArgumentError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { countRows } from './rows.js';

export interface SparseProjectionOptions {
  /** Relative error of squared distances that the target dimension is made for, in (0, 1). @defaultValue 0.9 */
  readonly eps?: number;
  readonly rng: Rng;
}

/** Row-major [N, dimension]. */
export interface ProjectedRows {
  readonly rows: Float32Array;
  readonly dimension: number;
}

/**
 * Random projection that keeps squared lengths on average (Achlioptas 2003; Li, Hastie and Church 2006). Each entry of
 * the matrix is 0 with probability 1 − s and ±1/√(s·d') otherwise, s = 1/√dimension, d' = {@link projectedDimension}.
 *
 * @param rows - [N, dimension], row-major.
 * @returns The projected rows, or `rows` itself when d' is above `dimension`: then there is nothing to gain.
 * @throws {@link ShapeError} when `rows` is not a whole number of rows.
 */
export function sparseProjection(
  rows: Float32Array,
  dimension: number,
  { eps = 0.9, rng }: SparseProjectionOptions,
): ProjectedRows {
  const n = countRows('sparseProjection', 'rows', rows, dimension);
  const target = projectedDimension(n, eps);
  if (target > dimension || target < 1) return { rows, dimension };

  const density = 1 / Math.sqrt(dimension);
  const scale = Math.sqrt(1 / density) / Math.sqrt(target);
  const matrix = Array.from({ length: target }, () => signedColumns(dimension, density, rng));

  const projected = new Float32Array(n * target);
  for (let row = 0; row < n; row++) {
    const start = row * dimension;
    for (let k = 0; k < target; k++) {
      const { plus, minus } = matrix[k];
      let sum = 0;
      for (let j = 0; j < plus.length; j++) sum += rows[start + plus[j]];
      for (let j = 0; j < minus.length; j++) sum -= rows[start + minus[j]];
      projected[row * target + k] = scale * sum;
    }
  }
  return { rows: projected, dimension: target };
}

/** ⌊4 ln n / (ε²/2 − ε³/3)⌋, the dimension that keeps all distances of n rows within 1 ± ε (Dasgupta and Gupta 2003). */
export function projectedDimension(n: number, eps = 0.9): number {
  if (!(eps > 0 && eps < 1)) throw new ArgumentError('projectedDimension', 'eps in (0, 1)', eps);
  return Math.floor((4 * Math.log(n)) / (eps ** 2 / 2 - eps ** 3 / 3));
}

/** One row of the matrix: the columns of its positive and of its negative entries. */
function signedColumns(
  dimension: number,
  density: number,
  rng: Rng,
): { plus: Uint32Array; minus: Uint32Array } {
  const plus: number[] = [];
  const minus: number[] = [];
  for (let column = 0; column < dimension; column++) {
    if (rng.boolean(density)) (rng.boolean() ? plus : minus).push(column);
  }
  return { plus: Uint32Array.from(plus), minus: Uint32Array.from(minus) };
}
