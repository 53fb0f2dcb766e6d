import { normalise, resize } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';

export interface SegmentationConfig {
  /** γ, which divides the similarities. */
  readonly gamma: number;
  /** What is interpolated: probabilities (Eqs. 9 and 10) or logits. */
  readonly upsample: 'prob' | 'logit';
}

/**
 * Anomaly maps from local features (section 9 of CLIP3D-AD's specification): softmax over the similarities with both
 * texts, bilinearly upsampled with half-pixel centres.
 *
 * @param local - [B, P, C], P patches of a square grid.
 * @param text - [2, C], row 0 normal.
 * @returns [B, size, size], probability of being anomalous. The caller owns it.
 */
export function segment(
  local: tf.Tensor3D,
  text: tf.Tensor2D,
  size: number,
  config: SegmentationConfig,
): tf.Tensor3D {
  return tf.tidy(() => {
    const [batch, patches, width] = local.shape;
    const side = Math.round(Math.sqrt(patches));
    const rows = tf.reshape(normalise(local), [batch * patches, width]) as tf.Tensor2D;
    const similarities = tf.matMul(rows, normalise(text), false, true);
    const logits = tf.reshape(tf.div(similarities, config.gamma), [batch, side, side, 2]) as tf.Tensor4D;
    const both =
      config.upsample === 'prob'
        ? resize(tf.softmax(logits), size, size)
        : tf.softmax(resize(logits, size, size));
    return tf.reshape(tf.slice(both, [0, 0, 0, 1], [-1, -1, -1, 1]), [batch, size, size]) as tf.Tensor3D;
  });
}
