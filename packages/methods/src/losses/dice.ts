import * as tf from '@tensorflow/tfjs';
import { assertSameShape } from './same-shape.js';

/**
 * Dice loss, averaged over the items of the first axis:
 * 1 − mean_i (2 Σ p t + 1) / (Σ p + Σ t + 1), sums over everything in item i (section 5 of PointAD's specification).
 *
 * @param probabilities - [items, …], in [0, 1].
 * @param targets - The same shape, 0 or 1.
 * @returns A scalar in [0, 1). The caller owns it.
 * @throws {@link ShapeError} when the two shapes differ.
 */
export function diceLoss(probabilities: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  assertSameShape('diceLoss', probabilities, targets);
  return tf.tidy(() => {
    const items = probabilities.shape[0];
    const p = tf.reshape(probabilities, [items, -1]);
    const t = tf.reshape(targets, [items, -1]);
    const overlap = tf.sum(tf.mul(p, t), 1);
    const sizes = tf.add(tf.sum(p, 1), tf.sum(t, 1));
    const ratios = tf.div(tf.add(tf.mul(overlap, 2), 1), tf.add(sizes, 1));
    return tf.sub(1, tf.mean(ratios)) as tf.Scalar;
  });
}
