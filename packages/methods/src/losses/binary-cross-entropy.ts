import * as tf from '@tensorflow/tfjs';
import { assertSameShape } from './same-shape.js';

/** PyTorch's floor under the logarithms is −100; single precision can hold probabilities down to that. */
const SMALLEST_LOG = -100;

/**
 * Binary cross-entropy of probabilities, averaged over everything: −mean(t ln p + (1 − t) ln(1 − p)), each logarithm
 * at least −100 as in PyTorch.
 *
 * @param probabilities - Of being anomalous, any shape, in [0, 1].
 * @param targets - The same shape, 0 or 1.
 * @returns A scalar ≥ 0. The caller owns it.
 * @throws {@link ShapeError} when the two shapes differ.
 */
export function binaryCrossEntropy(probabilities: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  assertSameShape('binaryCrossEntropy', probabilities, targets);
  return tf.tidy(() => {
    // The floor is put under the probability, not under its logarithm, whose gradient at 0 is infinite.
    const logarithm = (p: tf.Tensor) => tf.maximum(tf.log(tf.maximum(p, 1e-38)), SMALLEST_LOG);
    const ofAnomalous = tf.mul(targets, logarithm(probabilities));
    const ofNormal = tf.mul(tf.sub(1, targets), logarithm(tf.sub(1, probabilities)));
    return tf.neg(tf.mean(tf.add(ofAnomalous, ofNormal))) as tf.Scalar;
  });
}
