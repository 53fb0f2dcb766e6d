import * as tf from '@tensorflow/tfjs';
import { clipPreprocess, type Image } from '../image/index.js';
import type { ClipConfig } from './config.js';

/**
 * Images as the vision tower takes them: resized, cropped and normalised as the model was trained with.
 *
 * @param images - One or several, [H, W, 3], of any sizes.
 * @param config - Of the model; another `size` than its own is a multiple of the patch size.
 * @returns [B, size, size, 3]. The caller owns it.
 * @throws {@link ShapeError} for an image that is not [H, W, 3].
 */
export function preprocessImages(
  images: Image | readonly Image[],
  config: Pick<ClipConfig, 'vision' | 'preprocess'>,
  size: number = config.vision.imageSize,
): tf.Tensor4D {
  const list = 'shape' in images ? [images] : images;
  const values = new Float32Array(list.length * size * size * 3);
  for (const [i, image] of list.entries()) {
    values.set(clipPreprocess(image, { size, ...config.preprocess }).data, i * size * size * 3);
  }
  return tf.tensor4d(values, [list.length, size, size, 3]);
}
