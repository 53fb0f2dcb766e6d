import * as tf from '@tensorflow/tfjs';
import { assertSameShape } from './same-shape.js';

/** Keeps the logarithm finite; it clips the one-hot target and is added to the probability. */
const EPSILON = 1e-5;

/**
 * Focal loss of two classes with γ = 2 and equal weights, averaged over every pixel: −(1 − q)² ln q with
 * q = (1 − ε) p_t + ε (1 − p_t) + ε, the smoothed probability of the true class (section 5 of PointAD's
 * specification, after Lin et al. 2017, arXiv:1708.02002).
 *
 * @param probabilities - Of being anomalous, any shape, in [0, 1].
 * @param targets - The same shape, 1 where anomalous and 0 elsewhere.
 * @returns A scalar ≥ 0. The caller owns it.
 * @throws {@link ShapeError} when the two shapes differ.
 */
export function focalLoss(probabilities: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  assertSameShape('focalLoss', probabilities, targets);
  return tf.tidy(() => {
    // p_t = 1 − |p − t| for t of 0 or 1, written without the kink.
    const sign = tf.sub(tf.mul(targets, 2), 1);
    const ofTruth = tf.add(tf.mul(probabilities, sign), tf.sub(1, targets));
    const q = tf.add(tf.mul(ofTruth, 1 - 2 * EPSILON), 2 * EPSILON);
    const perPixel = tf.mul(tf.square(tf.sub(1, q)), tf.log(q));
    return tf.neg(tf.mean(perPixel)) as tf.Scalar;
  });
}
