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
 * @param fpfh - [P, 33], a constant.
 * @returns A scalar. The caller owns it.
 * @throws {@link ShapeError} when the rows are not equally many.
 */
export function disentanglementLoss(
  embeddings: tf.Tensor2D,
  fpfh: tf.Tensor2D,
  { match, form, projection }: DisentanglementOptions,
): tf.Scalar {
  const [rows, dimension] = embeddings.shape;
  if (fpfh.shape[0] !== rows || fpfh.shape[1] !== FPFH_SIZE) {
    throw new ShapeError('disentanglementLoss', `fpfh of [${rows}, ${FPFH_SIZE}]`, fpfh.shape);
  }
  return tf.tidy(() => {
    const matched =
      match === 'project' ? projected(fpfh, projection, dimension) : cutOrFilled(fpfh, dimension);
    const length = tf.maximum(tf.norm(match === 'pad' ? fpfh : matched, 2, 1, true), 1e-8);
    const cosines = tf.sum(tf.mul(unitRows(embeddings), tf.div(matched, length)), 1);
    const values = form === 'cos' ? cosines : form === 'abs' ? tf.abs(cosines) : tf.square(cosines);
    const isUsed = tf.step(tf.sum(tf.abs(fpfh), 1));
    return tf.div<tf.Scalar>(tf.sum(tf.mul(values, isUsed)), tf.maximum(tf.sum(isUsed), 1));
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

/** FPFH with as many columns as wanted: the first ones, or zeros behind all. */
function cutOrFilled(fpfh: tf.Tensor2D, dimension: number): tf.Tensor2D {
  const missing = Math.max(0, dimension - FPFH_SIZE);
  return tf.pad(tf.slice(fpfh, [0, 0], [-1, dimension - missing]), [
    [0, 0],
    [0, missing],
  ]);
}

function projected(fpfh: tf.Tensor2D, projection: Float32Array | undefined, dimension: number): tf.Tensor2D {
  if (projection?.length !== FPFH_SIZE * dimension) {
    const wanted = `a projection of [${FPFH_SIZE}, ${dimension}], flattened`;
    throw new ShapeError('disentanglementLoss', wanted, [projection?.length ?? 0]);
  }
  return tf.matMul(fpfh, tf.tensor2d(projection, [FPFH_SIZE, dimension]));
}
