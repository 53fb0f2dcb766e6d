import * as tf from '@tensorflow/tfjs';
import { crossEntropy, diceLoss, focalLoss } from '../losses/index.js';
import { patchProbabilities, viewLogits, viewMaps } from '../pointad/index.js';

/** Frozen features and targets of B images. */
export interface AnomalyClipBatch {
  /** [B, D], unit length. */
  readonly image: tf.Tensor2D;
  /** Per feature layer [B, P, D], unit length. */
  readonly patches: readonly tf.Tensor3D[];
  /** [B] int32, classes: 0 normal, 1 anomalous. */
  readonly labels: tf.Tensor1D;
  /** [B, S, S], 1 where anomalous. */
  readonly masks: tf.Tensor3D;
}

/**
 * AnomalyCLIP's losses of a batch (section 9 of PointAD's specification), to be summed: cross-entropy of the images, and
 * `localWeight` times focal loss and both dice losses of the maps, summed over the feature layers. Differentiable to the
 * text features.
 *
 * @param text - [2, D], unit length, row 0 normal.
 * @returns Scalars that the caller owns.
 */
export function anomalyClipLoss(
  { image, patches, labels, masks }: AnomalyClipBatch,
  text: tf.Tensor2D,
  { temperature, localWeight }: { temperature: number; localWeight: number },
): { image: tf.Scalar; maps: tf.Scalar } {
  return tf.tidy(() => {
    const terms = patches.flatMap((layer) => {
      const maps = viewMaps(patchProbabilities(layer, text, temperature), masks.shape[1]);
      const ofNormal = diceLoss(tf.sub(1, maps), tf.sub(1, masks));
      return [focalLoss(maps, masks), diceLoss(maps, masks), ofNormal];
    });
    return {
      image: crossEntropy(viewLogits(image, text, temperature), labels),
      maps: tf.mul(tf.addN(terms), localWeight) as tf.Scalar,
    };
  });
}
