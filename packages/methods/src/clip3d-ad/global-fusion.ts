import type { Rng } from '@anomclip/core/random';
import { linear } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { type HeadValues, type HeadWeights, initialLinear, linearOf } from '../heads/weights.js';

export interface GlobalFusionConfig {
  /** What follows the weighting of the views: concatenation or sum, then a linear map. */
  readonly globalFuse: 'concat' | 'sum';
  /** Hidden units of the view weighting. */
  readonly seHidden: number;
}

/**
 * Global fusion of the views (section 8.1 of CLIP3D-AD's specification): squeeze-and-excitation with the views as
 * channels, w = σ(W₂ relu(W₁ z)) of their means z, then one linear map of the weighted views.
 *
 * @param views - [B, V, C], image embeddings of the views.
 * @returns [B, C]. The caller owns it.
 */
export function fuseGlobal(
  views: tf.Tensor3D,
  weights: HeadWeights,
  { globalFuse }: Pick<GlobalFusionConfig, 'globalFuse'>,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, count, width] = views.shape;
    const squeezed = tf.relu(linear(tf.mean(views, 2), linearOf(weights, 'global_fusion.w1')));
    const gates = tf.sigmoid(linear(squeezed, linearOf(weights, 'global_fusion.w2')));
    const weighted = tf.mul(views, tf.reshape(gates, [batch, count, 1]));
    const joined =
      globalFuse === 'concat' ? tf.reshape(weighted, [batch, count * width]) : tf.sum(weighted, 1);
    return linear(joined, linearOf(weights, 'global_fusion.fc')) as tf.Tensor2D;
  });
}

/** Initial weights. */
export function initialGlobalFusion(
  views: number,
  width: number,
  { globalFuse, seHidden }: GlobalFusionConfig,
  rng: Rng,
): HeadValues {
  // These two have no biases.
  const squeeze = initialLinear('global_fusion.w1', views, seHidden, rng);
  const excite = initialLinear('global_fusion.w2', seHidden, views, rng);
  return {
    'global_fusion.w1.weight': squeeze['global_fusion.w1.weight'],
    'global_fusion.w2.weight': excite['global_fusion.w2.weight'],
    ...initialLinear('global_fusion.fc', globalFuse === 'concat' ? views * width : width, width, rng),
  };
}
