import { breathe } from '@anomclip/core';
import { type Clip, preprocessImages } from '@anomclip/core/clip';
import type { Image } from '@anomclip/core/image';
import * as tf from '@tensorflow/tfjs';

/** What of a CLIP encodes images. */
export type ClipVision = Pick<Clip, 'vision' | 'config'>;

/**
 * Images as the vision tower takes them, squeezed into its square (section 4.5): [B, size, size, 3]. The caller owns it.
 *
 * @throws {@link ShapeError} for an image that is not [H, W, 3].
 */
export function squeezedPixels({ config }: ClipVision, images: readonly Image[]): tf.Tensor4D {
  const { vision, preprocess } = config;
  return preprocessImages(images, { vision, preprocess: { ...preprocess, resize: 'squash' } });
}

/**
 * F, CLIP's embeddings of images, [N, D], not of unit length, encoded a few at a time. The caller owns it.
 *
 * @param images - At least one.
 * @throws the signal's reason when it was aborted.
 */
export async function embedImages(
  clip: ClipVision,
  images: readonly Image[],
  signal?: AbortSignal,
): Promise<tf.Tensor2D> {
  const parts: tf.Tensor2D[] = [];
  try {
    for (let start = 0; start < images.length; start += imagesPerBatch) {
      await breathe(signal);
      parts.push(await embedBatch(clip, images.slice(start, start + imagesPerBatch)));
    }
    return tf.concat(parts, 0);
  } finally {
    tf.dispose(parts);
  }
}

/** Enough to fill a processor; more would only take memory. */
const imagesPerBatch = 8;

async function embedBatch(clip: ClipVision, images: readonly Image[]): Promise<tf.Tensor2D> {
  const pixels = squeezedPixels(clip, images);
  try {
    return (await clip.vision.encode(pixels, { layers: [] })).image;
  } finally {
    pixels.dispose();
  }
}
