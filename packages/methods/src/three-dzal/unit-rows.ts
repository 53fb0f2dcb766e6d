import * as tf from '@tensorflow/tfjs';

/** Rows divided by their length, or by 1e-8 where they are shorter. @param rows - [N, D]. The caller owns the result. */
export function unitRows(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    // The floor under the square: the root of 0 has an infinite gradient.
    const squares = tf.maximum(tf.sum(tf.square(rows), 1, true), 1e-16);
    return tf.mul(rows, tf.rsqrt(squares)) as tf.Tensor2D;
  });
}
