import type { Image } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import type { FsacConfig } from './config.js';
import { type ClipVision, embedImages } from './embed.js';
import { createSynthesiser } from './synthesis.js';

/** Frozen embeddings of normal images and of the anomalous ones that are made from them. */
export interface TrainingEmbeddings {
  /**
   * F of a step, [2B, D]: B normal images, then one anomalous image made from each. The caller owns it.
   *
   * @param visit - How often these images have been seen before; another visit, another anomaly.
   */
  batch(indices: Uint32Array, visit: number): Promise<tf.Tensor2D>;
}

/**
 * Encodes normal images once; anomalous ones when a step needs them, or once each with `synthPool`.
 *
 * @param images - Borrowed.
 * @param rng - Each anomaly has its own stream, named by data set, class, image and visit.
 */
export async function createTrainingEmbeddings(
  clip: ClipVision,
  images: readonly Image[],
  className: string,
  config: Pick<FsacConfig, 'dataset' | 'synthesis'>,
  rng: Rng,
  signal?: AbortSignal,
): Promise<TrainingEmbeddings> {
  const synthesise = createSynthesiser(images, className, config);
  const { synthPool } = config.synthesis;
  const normals = await embeddingRows(clip, images, signal);
  const pool = new Map<string, Float32Array>();

  async function anomalies(indices: readonly number[], visit: number): Promise<Float32Array[]> {
    const variant = synthPool === null ? visit : visit % synthPool;
    const keyOf = (index: number) => `${index}/${variant}`;
    const missing = [...new Set(indices)].filter((index) => !pool.has(keyOf(index)));
    const stream = (index: number) => rng.fork('synth', config.dataset, className, index, variant, 0);
    const made = missing.map((index) => synthesise(index, stream(index)));
    const rows = await embeddingRows(clip, made, signal);
    for (const [i, index] of missing.entries()) pool.set(keyOf(index), rows[i]);
    const chosen = indices.map((index) => pool.get(keyOf(index)) as Float32Array);
    if (synthPool === null) pool.clear();
    return chosen;
  }

  return {
    async batch(indices, visit) {
      const list = [...indices];
      const rows = [...list.map((index) => normals[index]), ...(await anomalies(list, visit))];
      const width = rows[0].length;
      const values = new Float32Array(rows.length * width);
      for (const [i, row] of rows.entries()) values.set(row, i * width);
      return tf.tensor2d(values, [rows.length, width]);
    },
  };
}

/** One array per image. */
async function embeddingRows(
  clip: ClipVision,
  images: readonly Image[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  if (images.length === 0) return [];
  const embeddings = await embedImages(clip, images, signal);
  try {
    const width = embeddings.shape[1];
    const values = await embeddings.data<'float32'>();
    return images.map((_, i) => values.slice(i * width, (i + 1) * width));
  } finally {
    embeddings.dispose();
  }
}
