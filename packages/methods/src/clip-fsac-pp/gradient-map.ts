import { VisionTower } from '@anomclip/core/clip';
import { EncoderError } from '@anomclip/core/encoder';
import type { AnomalyMap, Image } from '@anomclip/core/image';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { oneOf } from '../config-checks.js';
import type { PredictOptions } from '../detector.js';
import { type ClipVision, squeezedPixels } from './embed.js';

export interface GradientMapOptions extends PredictOptions {
  /** What the derivative is taken to: the network's input, or RGB in 0…1 (divided by the channel's std). @defaultValue 'normalized' */
  readonly gradInput?: 'normalized' | 'pixel';
  /** A tower with the same weights that can be differentiated. @defaultValue the CLIP's own, where it is one */
  readonly tower?: VisionTower;
}

/**
 * |∂ score / ∂ x|, averaged over the channels of x, [size, size], not smoothed (section 10).
 *
 * @param score - Of embeddings [1, D], differentiable.
 * @throws {@link EncoderError} when there is no tower that can be differentiated.
 */
export async function gradientMap(
  clip: ClipVision,
  image: Image,
  score: (embedding: tf.Tensor2D) => tf.Tensor1D,
  options: GradientMapOptions = {},
): Promise<AnomalyMap> {
  const { gradInput = 'normalized' } = options;
  oneOf('gradientMap', 'gradInput', gradInput, ['normalized', 'pixel']);
  const tower = options.tower ?? differentiable(clip.vision);
  const { std } = clip.config.preprocess;
  const map = tf.tidy(() => {
    const slope = tf.grad((pixels) => tf.sum(score(tower.encode(pixels as tf.Tensor4D).image)));
    const gradient = tf.abs(slope(squeezedPixels(clip, [image])));
    return tf.mean(gradInput === 'pixel' ? tf.div(gradient, [...std]) : gradient, 3);
  });
  try {
    const [, height, width] = map.shape;
    return ndarray((await map.data<'float32'>()).slice(), [height, width]);
  } finally {
    map.dispose();
  }
}

function differentiable(encoder: ClipVision['vision']): VisionTower {
  if (encoder instanceof VisionTower) return encoder;
  throw new EncoderError(
    'gradientMap: this image encoder gives no gradients; load the model without openImageEncoder, or pass its VisionTower as options.tower',
  );
}
