import { linear } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { type HeadWeights, linearOf } from '../heads/weights.js';

/** The two sides of the anomaly descriptor. */
export interface Descriptors {
  /** TF, [N, C]: text-driven, one row per image, added to the image features. */
  readonly textDriven: tf.Tensor2D;
  /** VT, [2, C]: vision-driven, one row per text, added to the text features. */
  readonly visionDriven: tf.Tensor2D;
}

/**
 * The anomaly descriptor (section 6 of CLIP-FSAC++'s specification): images attend to the two texts, then the texts to
 * what the images have read. TF = L_TF(softmax(F ψᵀ / √C) ψ), VT = L_VT(softmax(ψ TFᵀ / √C) TF).
 *
 * @param image - F, [N, C], the group that the texts attend to.
 * @param text - ψ, [2, C], row 0 normal.
 * @param weights - `image.to_out_text.0` is L_TF and `image.to_out_image.0` is L_VT: the released program's names.
 * @returns Tensors that the caller owns.
 */
export function anomalyDescriptor(image: tf.Tensor2D, text: tf.Tensor2D, weights: HeadWeights): Descriptors {
  return tf.tidy(() => {
    const scale = 1 / Math.sqrt(text.shape[1]);
    const attend = (queries: tf.Tensor2D, keys: tf.Tensor2D) =>
      tf.matMul(tf.softmax(tf.mul(tf.matMul(queries, keys, false, true), scale)) as tf.Tensor2D, keys);
    const textDriven = linear(attend(image, text), linearOf(weights, 'image.to_out_text.0')) as tf.Tensor2D;
    const visionDriven = linear(
      attend(text, textDriven),
      linearOf(weights, 'image.to_out_image.0'),
    ) as tf.Tensor2D;
    return { textDriven, visionDriven };
  });
}
