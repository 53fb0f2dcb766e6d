import { breathe } from '@anomclip/core';
import type { ClipConfig } from '@anomclip/core/clip';
import { preprocessImages } from '@anomclip/core/clip';
import type { ImageEncoder } from '@anomclip/core/encoder';
import type { Image } from '@anomclip/core/image';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import type { FeatureBlocks } from './config.js';

/** The frozen encoder, and how its images are prepared: the parts of a `Clip` that look at images. */
export interface ViewEncoder {
  readonly vision: ImageEncoder;
  readonly config: Pick<ClipConfig, 'vision' | 'preprocess'>;
}

/** Features of V images, of unit length. */
export interface ViewFeatures {
  /** [V, D] */
  readonly image: tf.Tensor2D;
  /** Per feature layer [V, P, D], in the order of the layers. */
  readonly patches: readonly tf.Tensor3D[];
}

/**
 * Features of images: their embeddings, and their patches through the last layer norm and the projection. Few images at a
 * time, so that memory does not grow with their number.
 *
 * @param images - [H, W, 3] each, at least one; forced to the model's size, whatever their aspect ratio.
 * @param signal - Looked at between passes.
 * @returns Tensors that the caller owns.
 */
export async function encodeViews(
  encoder: ViewEncoder,
  images: readonly Image[],
  blocks: FeatureBlocks,
  signal?: AbortSignal,
): Promise<ViewFeatures> {
  const step = imagesPerPass(encoder.config);
  const passes: ViewFeatures[] = [];
  try {
    for (let start = 0; start < images.length; start += step) {
      await breathe(signal);
      passes.push(await encodePass(encoder, images.slice(start, start + step), blocks));
    }
    return tf.tidy(() => ({
      image: tf.concat(passes.map(({ image }) => image)),
      patches: blocks.layers.map((_, i) => tf.concat(passes.map(({ patches }) => patches[i]))),
    }));
  } finally {
    for (const { image, patches } of passes) tf.dispose([image, ...patches]);
  }
}

/** What the attention weights of one block may take; the largest tensor of a pass. */
const ATTENTION_BYTES = 2 ** 25;

function imagesPerPass({ vision }: ViewEncoder['config']): number {
  const tokens = (vision.imageSize / vision.patchSize) ** 2 + 1;
  return Math.max(1, Math.floor(ATTENTION_BYTES / (4 * vision.heads * tokens * tokens)));
}

async function encodePass(
  { vision, config }: ViewEncoder,
  images: readonly Image[],
  { layers, valueAttentionFrom }: FeatureBlocks,
): Promise<ViewFeatures> {
  const squashed = { ...config, preprocess: { ...config.preprocess, resize: 'squash' as const } };
  const pixels = preprocessImages(images, squashed);
  const encoding = { layers, projectPatches: true, ...(valueAttentionFrom && { valueAttentionFrom }) };
  try {
    const { image, patches } = await vision.encode(pixels, encoding);
    try {
      return tf.tidy(() => ({
        image: normalise(image),
        patches: layers.map((layer) => normalise(patches.get(layer) as tf.Tensor3D)),
      }));
    } finally {
      tf.dispose([image, ...patches.values()]);
    }
  } finally {
    pixels.dispose();
  }
}
