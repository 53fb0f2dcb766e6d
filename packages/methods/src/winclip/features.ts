import { ArgumentError } from '@anomclip/core';
import { type ClipConfig, preprocessImages } from '@anomclip/core/clip';
import type { ImageEncoder } from '@anomclip/core/encoder';
import type { Image } from '@anomclip/core/image';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import type { WinclipConfig } from './config.js';

/** The parts of a CLIP that look at images. */
export interface WindowEncoder {
  readonly vision: ImageEncoder;
  readonly config: Pick<ClipConfig, 'vision' | 'preprocess'>;
}

/** What WinCLIP sees of one image, rows of unit length (section 1 of its specification). */
export interface WindowRows {
  /** [1, D] */
  readonly image: tf.Tensor2D;
  /** Per scale [windows, D], in the order of the scales. */
  readonly windows: readonly tf.Tensor2D[];
  /** [P, W] of the last block, without layer norm and projection; only when asked for. */
  readonly patches?: tf.Tensor2D;
}

/**
 * Encodes an image, squeezed into the model's square, with all its windows.
 *
 * @param withPatches - Whether patches are wanted.
 * @returns Tensors that the caller owns.
 * @throws {@link ArgumentError} when the encoder cannot encode windows, or a window does not fit.
 */
export async function encodeRows(
  { vision, config }: WindowEncoder,
  image: Image,
  { scales }: Pick<WinclipConfig, 'scales'>,
  withPatches: boolean,
): Promise<WindowRows> {
  if (!vision.encodeWindows && scales.length > 0) {
    throw new ArgumentError(
      'WinCLIP',
      'an image encoder with encodeWindows',
      'one without',
      'use VisionTower or createOnnxImageEncoder(), or scales: []',
    );
  }
  const depth = vision.config.layers;
  const preprocess = { ...config.preprocess, resize: 'squash' } as const;
  const pixels = preprocessImages(image, { vision: vision.config, preprocess });
  const made: tf.Tensor[] = [pixels];
  try {
    const features = await vision.encode(pixels, withPatches ? { layers: [depth] } : {});
    made.push(features.image, ...features.patches.values());
    const found = scales.length > 0 ? await vision.encodeWindows?.(pixels, scales) : undefined;
    made.push(...(found?.values() ?? []));
    return tf.tidy(() => ({
      image: normalise(features.image),
      windows: scales.map((scale) => rowsOf(found?.get(scale) as tf.Tensor3D)),
      ...(withPatches && { patches: rowsOf(features.patches.get(depth) as tf.Tensor3D) }),
    }));
  } finally {
    tf.dispose(made);
  }
}

/** [1, N, D] → [N, D] of unit length. */
function rowsOf(embeddings: tf.Tensor3D): tf.Tensor2D {
  return normalise(tf.squeeze(embeddings, [0])) as tf.Tensor2D;
}
