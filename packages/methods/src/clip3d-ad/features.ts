import { type ClipConfig, type EncodeImagesOptions, preprocessImages } from '@anomclip/core/clip';
import type { ImageEncoder } from '@anomclip/core/encoder';
import type { Image } from '@anomclip/core/image';
import * as tf from '@tensorflow/tfjs';
import { type Clip3dConfig, type Clip3dSizes, sizesOf } from './config.js';

/** The frozen encoder, and how its images are prepared: the parts of a `Clip` that look at images. */
export interface Clip3dEncoder {
  readonly vision: ImageEncoder;
  readonly config: Pick<ClipConfig, 'vision' | 'preprocess' | 'embeddingWidth'>;
}

/** What CLIP says about B images and their views; nothing of unit length (section 5). */
export interface Clip3dFeatures {
  /** I, [B, C]. */
  readonly image: tf.Tensor2D;
  /** F_l of each layer, [B, P, W], without the last layer norm. */
  readonly tokens: readonly tf.Tensor3D[];
  /** I_v, [B, V, C]; absent without views. */
  readonly views?: tf.Tensor3D;
  /** F_v of the last layer, [B, V, P, W]; absent without views. */
  readonly viewTokens?: tf.Tensor4D;
}

/** The features that CLIP3D-AD asks an encoder for: what to compile into one of ONNX Runtime. */
export function clip3dEncoding(
  config: Clip3dConfig,
  model: Pick<ClipConfig, 'vision' | 'embeddingWidth'>,
): EncodeImagesOptions {
  const { layers, lastLayer } = sizesOf(config, model);
  return { layers: [...new Set([...layers, lastLayer])], projectPatches: false };
}

/**
 * Features of B images and of their B·V views, one encoder pass for each of the two batches.
 *
 * @param views - The views of the first image, then those of the second, …; empty without views.
 * @returns Tensors that the caller owns.
 */
export async function encodeSamples(
  encoder: Clip3dEncoder,
  images: readonly Image[],
  views: readonly Image[],
  { layers, lastLayer }: Pick<Clip3dSizes, 'layers' | 'lastLayer'>,
): Promise<Clip3dFeatures> {
  const { image, patches } = await encode(encoder, images, layers);
  const tokens = layers.map((layer) => patches.get(layer) as tf.Tensor3D);
  if (views.length === 0) return { image, tokens };
  try {
    const encoded = await encode(encoder, views, [lastLayer]);
    const last = encoded.patches.get(lastLayer) as tf.Tensor3D;
    const perImage = [images.length, views.length / images.length] as const;
    const grouped = tf.tidy(() => ({
      views: tf.reshape(encoded.image, [...perImage, encoded.image.shape[1]]) as tf.Tensor3D,
      viewTokens: tf.reshape(last, [...perImage, last.shape[1], last.shape[2]]) as tf.Tensor4D,
    }));
    tf.dispose([encoded.image, last]);
    return { image, tokens, ...grouped };
  } catch (error) {
    tf.dispose([image, ...tokens]);
    throw error;
  }
}

/** Batches one after the other, which stay the caller's. The caller owns the result. */
export function concatFeatures(batches: readonly Clip3dFeatures[]): Clip3dFeatures {
  return tf.tidy(() => {
    const join = <T extends tf.Tensor>(part: (features: Clip3dFeatures) => T | undefined) =>
      tf.concat(batches.flatMap((features) => part(features) ?? []) as tf.Tensor[]) as T;
    const { tokens, views } = batches[0];
    return {
      image: join(({ image }) => image),
      tokens: tokens.map((_, i) => join((features) => features.tokens[i])),
      ...(views && {
        views: join((features) => features.views),
        viewTokens: join((each) => each.viewTokens),
      }),
    };
  });
}

/** Frees all tensors of features. */
export function disposeFeatures({ image, tokens, views, viewTokens }: Clip3dFeatures): void {
  tf.dispose([image, ...tokens]);
  if (views && viewTokens) tf.dispose([views, viewTokens]);
}

async function encode(
  { vision, config }: Clip3dEncoder,
  images: readonly Image[],
  layers: readonly number[],
) {
  const squashed = { ...config, preprocess: { ...config.preprocess, resize: 'squash' as const } };
  const pixels = preprocessImages(images, squashed);
  try {
    return await vision.encode(pixels, { layers, projectPatches: false });
  } finally {
    pixels.dispose();
  }
}
