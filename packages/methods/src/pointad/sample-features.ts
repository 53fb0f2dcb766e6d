import { contentKey, type FeatureCache, type Features } from '@anomclip/core/encoder';
import { type MultiViewSample, renderingOf } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import type { FeatureBlocks } from './config.js';
import { encodeViews, type ViewEncoder } from './features.js';

/** Where frozen features are kept. */
export interface FeatureStore {
  readonly cache: FeatureCache;
  /** What tells the weights of the vision tower from all others: `await checkpointKey(checkpoint)`, or the sha256 of their file. */
  readonly weights: string;
}

/**
 * Features of a sample's views, `image` [V, D] and `patches/<layer>` [V, P, D], all of unit length: encoded once, then kept.
 * With everything in the cache the vision tower is not touched.
 *
 * @returns Arrays that the cache may share: leave them unchanged.
 */
export async function sampleFeatures(
  encoder: ViewEncoder,
  views: MultiViewSample,
  blocks: FeatureBlocks,
  { cache, weights }: FeatureStore,
  signal?: AbortSignal,
): Promise<Features> {
  const { vision, preprocess } = encoder.config;
  const shape = [views.viewCount, views.options.render.size, views.channels];
  const description = { kind: 'pointad views', weights, vision, preprocess, blocks, shape };
  const key = await contentKey(description, views.renderings);
  return cache.remember(key, async () => {
    const { image, patches } = await encodeViews(encoder, renderingsOf(views), blocks, signal);
    try {
      const named = [
        ['image', image] as const,
        ...blocks.layers.map((layer, i) => [`patches/${layer}`, patches[i]] as const),
      ];
      const read = async ([name, tensor]: (typeof named)[number]) =>
        [name, { shape: tensor.shape, data: await tensor.data<'float32'>() }] as const;
      return new Map(await Promise.all(named.map(read)));
    } finally {
      tf.dispose([image, ...patches]);
    }
  });
}

/** All views of a sample as images. */
export function renderingsOf(views: MultiViewSample) {
  return Array.from({ length: views.viewCount }, (_, view) => renderingOf(views, view));
}
