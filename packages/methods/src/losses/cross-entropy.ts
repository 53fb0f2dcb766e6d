import { ShapeError } from '@anomclip/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Cross-entropy of softmax(logits), averaged over the rows: mean of −log softmax(logits)[label].
 *
 * @param logits - [rows, classes].
 * @param labels - One class per row; of a step that is to be compiled, a tensor.
 * @returns A scalar ≥ 0. The caller owns it.
 * @throws {@link ShapeError} when there is not one label per row.
 */
export function crossEntropy(logits: tf.Tensor2D, labels: readonly number[] | tf.Tensor1D): tf.Scalar {
  const [rows, classes] = logits.shape;
  const count = labels instanceof tf.Tensor ? labels.size : labels.length;
  if (count !== rows) throw new ShapeError('crossEntropy', `${rows} labels`, [count]);
  return tf.tidy(() => {
    const given = labels instanceof tf.Tensor ? labels : tf.tensor1d([...labels], 'int32');
    const truth = tf.oneHot(given, classes);
    const ofTruth = tf.sum(tf.mul(logits, tf.cast(truth, 'float32')), 1);
    return tf.mean(tf.sub(tf.logSumExp(logits, 1), ofTruth)) as tf.Scalar;
  });
}
