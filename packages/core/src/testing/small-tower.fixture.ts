import type { ClipConfig } from '../clip/index.js';
import { clipPreprocessing } from '../clip/index.js';
import { createRng } from '../random/index.js';
import type { Checkpoint } from '../weights/checkpoint.js';

/** A tower that encodes in a millisecond. */
export const smallConfig: ClipConfig = {
  embeddingWidth: 12,
  activation: 'quick-gelu',
  vision: { imageSize: 32, patchSize: 8, width: 16, layers: 3, heads: 2, mlpWidth: 32 },
  text: { contextLength: 8, vocabularySize: 16, width: 16, layers: 1, heads: 2, mlpWidth: 32 },
  preprocess: clipPreprocessing,
};

/** Random weights of {@link smallConfig}'s vision tower, large enough for every layer to matter. */
export function smallCheckpoint(): Checkpoint {
  const { width, mlpWidth, patchSize, imageSize, layers } = smallConfig.vision;
  const shapes = new Map<string, readonly number[]>([
    ['visual.conv1.weight', [width, 3, patchSize, patchSize]],
    ['visual.class_embedding', [width]],
    ['visual.positional_embedding', [(imageSize / patchSize) ** 2 + 1, width]],
    ['visual.proj', [width, smallConfig.embeddingWidth]],
  ]);
  for (const name of ['visual.ln_pre', 'visual.ln_post']) {
    shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  }
  for (let i = 0; i < layers; i++) {
    const block = `visual.transformer.resblocks.${i}`;
    for (const name of ['ln_1', 'ln_2']) {
      shapes.set(`${block}.${name}.weight`, [width]).set(`${block}.${name}.bias`, [width]);
    }
    shapes
      .set(`${block}.attn.in_proj_weight`, [3 * width, width])
      .set(`${block}.attn.in_proj_bias`, [3 * width]);
    shapes.set(`${block}.attn.out_proj.weight`, [width, width]).set(`${block}.attn.out_proj.bias`, [width]);
    shapes.set(`${block}.mlp.c_fc.weight`, [mlpWidth, width]).set(`${block}.mlp.c_fc.bias`, [mlpWidth]);
    shapes.set(`${block}.mlp.c_proj.weight`, [width, mlpWidth]).set(`${block}.mlp.c_proj.bias`, [width]);
  }
  return {
    shapes,
    read: async (name) => {
      const rng = createRng(name);
      const length = (shapes.get(name) ?? []).reduce((product, side) => product * side, 1);
      return Float32Array.from({ length }, () => rng.normal(0, 0.3));
    },
  };
}

/** Smooth pixels, [batch, height, width, 3]. */
export function smallPixels(batch: number, height: number, width: number): Float32Array {
  return Float32Array.from(
    { length: batch * height * width * 3 },
    (_, i) => Math.sin(0.37 * i) + Math.cos(0.011 * i),
  );
}
