import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from '../losses/index.js';
import type { ThreeDzalConfig } from './config.js';

/**
 * Cross-entropy of the classifier on normal and pseudo anomalous patches (Eq. 3 of 3DzAL), averaged over all patches, or
 * with `'balanced'` over the two kinds.
 *
 * @param logits - [N, 2], class 1 anomalous; the normal patches first.
 * @returns A scalar ≥ 0. The caller owns it.
 */
export function normalcyLoss(
  logits: tf.Tensor2D,
  positives: number,
  classWeights: ThreeDzalConfig['classifier']['classWeights'],
): tf.Scalar {
  const labels = Array.from({ length: logits.shape[0] }, (_, row) => (row < positives ? 0 : 1));
  if (classWeights === 'none') return crossEntropy(logits, labels);
  return tf.tidy(() => {
    const [normal, anomalous] = tf.split(logits, [positives, labels.length - positives]);
    const both = tf.add(
      crossEntropy(normal as tf.Tensor2D, labels.slice(0, positives)),
      crossEntropy(anomalous as tf.Tensor2D, labels.slice(positives)),
    );
    return tf.div(both, 2) as tf.Scalar;
  });
}
