import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import { FPFH_SIZE } from '../btf/features.js';
import type { ThreeDzalConfig } from './config.js';
import { unitRows } from './unit-rows.js';

export interface DisentanglementOptions extends Pick<ThreeDzalConfig['disentanglement'], 'match' | 'form'> {
  /** [33, D] row-major, from {@link orthonormalColumns}; needed for `match: 'project'` only. */
  readonly projection?: Float32Array;
}

/**
 * Makes learned features say other things than FPFH (Eq. 2 of 3DzAL): the mean cosine of the two, its absolute value or
 * its square. FPFH has 33 numbers, the learned feature usually 32: `'pad'` appends zeros to the shorter one, `'drop-last'`
 * leaves out what FPFH has more, `'project'` projects FPFH. Rows without FPFH are skipped; 0 without others.
 *
 * @param embeddings - [P, D]
 * @param fpfh - [P, 33] row-major, a constant.
 * @returns A scalar. The caller owns it.
 * @throws {@link ShapeError} when the rows are not equally many.
 */
export function disentanglementLoss(
  embeddings: tf.Tensor2D,
  fpfh: Float32Array,
  options: DisentanglementOptions,
): tf.Scalar {
  const [rows, dimension] = embeddings.shape;
  if (fpfh.length !== rows * FPFH_SIZE) {
    throw new ShapeError('disentanglementLoss', `fpfh of [${rows}, ${FPFH_SIZE}], flattened`, [fpfh.length]);
  }
  const { targets, weights } = directions(fpfh, rows, dimension, options);
  const used = weights.reduce((sum, weight) => sum + weight, 0);
  if (used === 0) return tf.scalar(0);
  return tf.tidy(() => {
    const cosines = tf.sum(tf.mul(unitRows(embeddings), tf.tensor2d(targets, [rows, dimension])), 1);
    const { form } = options;
    const values = form === 'cos' ? cosines : form === 'abs' ? tf.abs(cosines) : tf.square(cosines);
    return tf.div(tf.sum(tf.mul(values, tf.tensor1d(weights))), used) as tf.Scalar;
  });
}

/**
 * Orthonormal columns: random directions made perpendicular one after another (Gram–Schmidt).
 *
 * @returns [rows, columns] row-major.
 * @throws {@link ArgumentError} when there are more columns than rows.
 */
export function orthonormalColumns(rows: number, columns: number, rng: Rng): Float32Array {
  if (columns > rows) {
    throw new ArgumentError('orthonormalColumns', `at most ${rows} columns`, columns, 'choose another match');
  }
  const chosen: Float64Array[] = [];
  while (chosen.length < columns) {
    const next = Float64Array.from({ length: rows }, () => rng.normal());
    for (const column of chosen) {
      const along = column.reduce((sum, value, i) => sum + value * next[i], 0);
      for (let i = 0; i < rows; i++) next[i] -= along * column[i];
    }
    const length = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
    if (length > 1e-6) chosen.push(next.map((value) => value / length));
  }
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => chosen[i % columns][Math.floor(i / columns)],
  );
}

/** FPFH rows of D numbers, such that a product with a unit row is the cosine; weight 0 where there is no FPFH. */
function directions(
  fpfh: Float32Array,
  rows: number,
  dimension: number,
  { match, projection }: DisentanglementOptions,
): { targets: Float32Array; weights: Float32Array } {
  if (match === 'project' && projection?.length !== FPFH_SIZE * dimension) {
    throw new ShapeError('disentanglementLoss', `a projection of [${FPFH_SIZE}, ${dimension}], flattened`, [
      projection?.length ?? 0,
    ]);
  }
  const targets = new Float32Array(rows * dimension);
  const weights = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const given = fpfh.subarray(row * FPFH_SIZE, (row + 1) * FPFH_SIZE);
    const matched = new Float64Array(dimension);
    for (let i = 0; i < dimension; i++) {
      if (match !== 'project') matched[i] = given[i] ?? 0;
      else
        for (const [k, value] of given.entries())
          matched[i] += value * (projection?.[k * dimension + i] ?? 0);
    }
    const length = Math.max(lengthOf(match === 'pad' ? given : matched), 1e-8);
    weights[row] = given.some((value) => value !== 0) ? 1 : 0;
    for (let i = 0; i < dimension; i++) targets[row * dimension + i] = matched[i] / length;
  }
  return { targets, weights };
}

function lengthOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum);
}
