import { ArgumentError } from '@anomclip/core';
import * as tf from '@tensorflow/tfjs';
import type { ThreeDzalConfig } from './config.js';
import { unitRows } from './unit-rows.js';

/**
 * Pulls normal patches together and pushes them from pseudo anomalous ones (Eq. 1 of 3DzAL). With cosines
 * s(i,j) = cos(eᵢ, eⱼ) / T it is, for every normal patch j, logsumexp of s(j,n) over the pseudo anomalous n less the mean of
 * s(j,p) over the other normal p; the denominator `'all'` has the p in it too. Negative once training works; 0 with a single
 * normal patch, which has no pair.
 *
 * @param embeddings - [N, D], the normal patches first.
 * @param positives - How many are normal, 1…N − 1.
 * @returns A scalar, summed or averaged over the normal patches. The caller owns it.
 * @throws {@link ArgumentError} when there is no patch of a kind.
 */
export function contrastiveLoss(
  embeddings: tf.Tensor2D,
  positives: number,
  { temperature, denominator, reduction }: Omit<ThreeDzalConfig['contrastive'], 'weight'>,
): tf.Scalar {
  const count = embeddings.shape[0];
  if (!(Number.isInteger(positives) && positives >= 1 && positives < count)) {
    throw new ArgumentError(
      'contrastiveLoss',
      `from 1 to ${count - 1} normal patches of ${count}`,
      positives,
    );
  }
  if (positives === 1) return tf.scalar(0);
  return tf.tidy(() => {
    const unit = unitRows(embeddings);
    const anchors = tf.slice(unit, [0, 0], [positives, -1]);
    const similarities = tf.div(tf.matMul(anchors, unit, false, true), temperature);
    const toNormal = tf.slice(similarities, [0, 0], [positives, positives]);
    const itself = tf.eye(positives);
    const others = tf.sub(1, itself);
    const attraction = tf.div(tf.sum(tf.mul(toNormal, others), 1), positives - 1);
    const compared =
      denominator === 'negatives'
        ? tf.slice(similarities, [0, positives], [positives, -1])
        : tf.add(
            similarities,
            tf.pad(tf.mul(itself, FAR), [
              [0, 0],
              [0, count - positives],
            ]),
          );
    const perAnchor = tf.sub(tf.logSumExp(compared, 1), attraction);
    return (reduction === 'sum' ? tf.sum(perAnchor) : tf.mean(perAnchor)) as tf.Scalar;
  });
}

/** Takes a term out of logsumexp. */
const FAR = -1e9;
