import type { Losses } from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import type { HeadWeights } from '../heads/weights.js';
import { binaryCrossEntropy, pairContrastiveLoss } from '../losses/index.js';
import { adapt } from './adapters.js';
import type { Clip3dConfig, Clip3dSizes } from './config.js';
import type { Clip3dFeatures } from './features.js';
import { enhance } from './head.js';
import { segment } from './segmentation.js';

/** B pairs of a normal image and the anomalous one made from it. */
export interface Clip3dBatch {
  /** Of the B normal images, then of their B anomalous ones. */
  readonly features: Clip3dFeatures;
  /** [B, S, S], 1 where the anomalous images are anomalous. */
  readonly masks: tf.Tensor3D;
  /** T, [2, C], CLIP's mean prompt embeddings, row 0 normal. */
  readonly text: tf.Tensor2D;
}

/**
 * L_seg + L_con (section 10): binary cross-entropy of the maps, and the contrastive loss of the pairs. A_cg, A_f and the
 * global fusion see L_con only; A_sg, the decoder and the local fusion L_seg only.
 *
 * @param weights - Names of `initialHead`.
 * @returns Scalars. The caller owns them.
 */
export function clip3dLosses(
  { features, masks, text }: Clip3dBatch,
  weights: HeadWeights,
  config: Clip3dConfig,
  sizes: Clip3dSizes,
): Losses & { readonly segmentation: tf.Scalar; readonly contrastive: tf.Scalar } {
  return tf.tidy(() => {
    const { image, local } = enhance(features, weights, config, sizes);
    const classText = adapt(text, weights, 'class_text', config);
    const segmentationText = adapt(text, weights, 'segmentation_text', config);
    const contrastive = pairContrastiveLoss(image, classText, {
      scale: 0.5,
      temperature: config.contrastiveTemperature,
    });
    const [pairs, size] = masks.shape;
    const [judged, targets] = config.segOnNormal
      ? [local, tf.concat([tf.zerosLike(masks), masks])]
      : [tf.slice(local, [pairs, 0, 0], [pairs, -1, -1]), masks];
    const segmentation = binaryCrossEntropy(segment(judged, segmentationText, size, config), targets);
    return { total: tf.add(segmentation, contrastive) as tf.Scalar, segmentation, contrastive };
  });
}
