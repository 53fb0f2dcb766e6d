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
  // Its derivative in closed form: automatic differentiation would keep some ten maps of every view until the end.
  const loss = tf.customGrad((...inputs) => {
    const [p, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([p, targets]);
    return { value: meanLoss(p, targets), gradFunc };
  });
  return loss(probabilities) as tf.Scalar;
}

function meanLoss(p: tf.Tensor, t: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const q = ofTruth(p, t);
    return tf.neg(tf.mean(tf.mul(tf.square(tf.sub(1, q)), tf.log(q)))) as tf.Scalar;
  });
}

function gradFunc(upstream: tf.Tensor | tf.Tensor[], [p, t]: tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => {
    const q = ofTruth(p, t);
    const miss = tf.sub(1, q);
    const slope = tf.mul(miss, tf.sub(tf.mul(tf.log(q), 2), tf.div(miss, q))); // d/dq of −(1 − q)² ln q
    const scale = tf.mul(upstream as tf.Tensor, (1 - 2 * EPSILON) / q.size);
    const direction = tf.sub(tf.mul(t, 2), 1); // p_t rises with p where anomalous, and falls elsewhere
    return tf.mul(tf.mul(slope, direction), scale);
  });
}

/** q, from p_t = 1 − |p − t| for t of 0 or 1. */
function ofTruth(p: tf.Tensor, t: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sub(1, tf.mul(tf.abs(tf.sub(p, t)), 1 - 2 * EPSILON)));
}
