import type { Rng } from '@anomclip/core/random';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { adapterMlps, blendedAdapter, initialAdapter } from '../heads/adapter.js';
import { type HeadValues, type HeadWeights, initialLinear } from '../heads/weights.js';
import { anomalyDescriptor } from './anomaly-descriptor.js';

/** How the head puts its parts together (sections 5 and 6 of CLIP-FSAC++'s specification). */
export interface HeadConfig {
  /** α₁, α₂: weights of the adapted and of CLIP's own image embedding. */
  readonly alpha: readonly [number, number];
  /** β₁, β₂: weights of the adapted and of CLIP's own text embeddings. */
  readonly beta: readonly [number, number];
  /** γ₁: weight of the vision-driven rows on the text side. */
  readonly gamma1: number;
  /** The texts that the descriptor reads: adapted (paper) or CLIP's own (released program). */
  readonly adText: 'adapted' | 'original';
  /** Whether TF is added to the image side. */
  readonly useTF: boolean;
  /** Whether VT is added to the text side. */
  readonly useVT: boolean;
}

/** Features of the images and texts of a group after the head. */
export interface EnhancedFeatures {
  /** AT, [2, C] */
  readonly adaptedText: tf.Tensor2D;
  /** CF = AF + TF, [N, C] */
  readonly image: tf.Tensor2D;
  /** CT = AT + γ₁ VT, [2, C] */
  readonly text: tf.Tensor2D;
}

/** Initial weights for embeddings of width C. */
export function initialHead(width: number, rng: Rng): HeadValues {
  return {
    ...initialAdapter('image', width, adapterMlps.image, rng),
    ...initialLinear('image.to_out_image.0', width, width, rng),
    ...initialLinear('image.to_out_text.0', width, width, rng),
    ...initialAdapter('text', width, adapterMlps.text, rng),
  };
}

/** AT = β₁ A_g(T) + β₂ T, [2, C]. The caller owns it. */
export function adaptText(
  text: tf.Tensor2D,
  weights: HeadWeights,
  { beta }: Pick<HeadConfig, 'beta'>,
): tf.Tensor2D {
  return blendedAdapter(text, weights, 'text', beta);
}

/**
 * Both sides for a group of images that the texts attend to together: the batch of a training step.
 *
 * @param image - F, [N, C], CLIP's image embeddings, not of unit length.
 * @param text - T, [2, C], mean prompt embeddings, row 0 normal.
 * @param given - What stands for ψ and AT instead, where the evaluation of the released program needs it.
 * @returns Tensors that the caller owns.
 */
export function enhance(
  image: tf.Tensor2D,
  text: tf.Tensor2D,
  weights: HeadWeights,
  config: HeadConfig,
  given: { descriptorText?: tf.Tensor2D; adaptedText?: tf.Tensor2D } = {},
): EnhancedFeatures {
  return tf.tidy(() => {
    const adaptedText = given.adaptedText ? tf.clone(given.adaptedText) : adaptText(text, weights, config);
    const read = given.descriptorText ?? (config.adText === 'adapted' ? adaptedText : text);
    const { textDriven, visionDriven } = anomalyDescriptor(image, read, weights);
    const adaptedImage = blendedAdapter(image, weights, 'image', config.alpha);
    return {
      adaptedText,
      image: config.useTF ? (tf.add(adaptedImage, textDriven) as tf.Tensor2D) : adaptedImage,
      text: config.useVT
        ? (tf.add(adaptedText, tf.mul(visionDriven, config.gamma1)) as tf.Tensor2D)
        : tf.clone(adaptedText),
    };
  });
}

/** Cosine similarities, [N, 2]. The caller owns them. */
export function cosines(image: tf.Tensor2D, text: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(normalise(image), normalise(text), false, true));
}
