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
 * |∂AS/∂x|, averaged over the channels of x, [size, size], not smoothed (section 10).
 *
 * @param margin - Of embeddings [1, D], differentiable; AS is its logistic function.
 * @throws {@link EncoderError} when there is no tower that can be differentiated.
 */
export async function gradientMap(
  clip: ClipVision,
  image: Image,
  margin: (embedding: tf.Tensor2D) => tf.Tensor1D,
  options: GradientMapOptions = {},
): Promise<AnomalyMap> {
  const { gradInput = 'normalized' } = options;
  oneOf('gradientMap', 'gradInput', gradInput, ['normalized', 'pixel']);
  const tower = options.tower ?? differentiable(clip.vision);
  const { std } = clip.config.preprocess;
  const { value, map } = tf.tidy(() => {
    const marginOf = (pixels: tf.Tensor) => tf.sum(margin(tower.encode(pixels as tf.Tensor4D).image));
    const { value, grad } = tf.valueAndGrad(marginOf)(squeezedPixels(clip, [image]));
    const slopes = tf.abs(grad);
    return { value, map: tf.mean(gradInput === 'pixel' ? tf.div(slopes, [...std]) : slopes, 3) };
  });
  try {
    const [, height, width] = map.shape;
    const [m] = await value.data();
    // σ′(m), in double precision: σ is flat in float32 where the score is close to 1.
    const outer = 1 / ((1 + Math.exp(-m)) * (1 + Math.exp(m)));
    return ndarray(
      (await map.data<'float32'>()).map((slope) => outer * slope),
      [height, width],
    );
  } finally {
    tf.dispose([value, map]);
  }
}

function differentiable(encoder: ClipVision['vision']): VisionTower {
  if (encoder instanceof VisionTower) return encoder;
  throw new EncoderError(
    'gradientMap: this image encoder gives no gradients; load the model without openImageEncoder, or pass its VisionTower as options.tower',
  );
}
