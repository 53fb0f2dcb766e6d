import type { ClipConfig } from '@anomclip/core/clip';
import type { Checkpoint } from '@anomclip/core/weights';

/** Both towers with random weights of a plausible size, each made when it is asked for: nothing is stored. */
export function randomTower({ vision, text, embeddingWidth }: ClipConfig): Checkpoint {
  const { imageSize, patchSize } = vision;
  const shapes = new Map<string, readonly number[]>([
    ['visual.conv1.weight', [vision.width, 3, patchSize, patchSize]],
    ['visual.class_embedding', [vision.width]],
    ['visual.positional_embedding', [(imageSize / patchSize) ** 2 + 1, vision.width]],
    ['visual.proj', [vision.width, embeddingWidth]],
    ['token_embedding.weight', [text.vocabularySize, text.width]],
    ['positional_embedding', [text.contextLength, text.width]],
    ['text_projection', [text.width, embeddingWidth]],
  ]);
  const withBias = (name: string, separator: '.' | '_', outputs: number, ...inputs: number[]) => {
    shapes.set(`${name}${separator}weight`, [outputs, ...inputs]).set(`${name}${separator}bias`, [outputs]);
  };
  withBias('visual.ln_pre', '.', vision.width);
  withBias('visual.ln_post', '.', vision.width);
  withBias('ln_final', '.', text.width);
  for (const [prefix, { width, layers, mlpWidth }] of [
    ['visual.transformer', vision],
    ['transformer', text],
  ] as const) {
    for (let i = 0; i < layers; i++) {
      const block = `${prefix}.resblocks.${i}`;
      withBias(`${block}.ln_1`, '.', width);
      withBias(`${block}.attn.in_proj`, '_', 3 * width, width);
      withBias(`${block}.attn.out_proj`, '.', width, width);
      withBias(`${block}.ln_2`, '.', width);
      withBias(`${block}.mlp.c_fc`, '.', mlpWidth, width);
      withBias(`${block}.mlp.c_proj`, '.', width, mlpWidth);
    }
  }
  return { shapes, read: async (name) => randomWeights(name, shapes.get(name) ?? []) };
}

/** Uniform values with standard deviation 0.02, different for every name; layer norms scale by about 1. */
function randomWeights(name: string, shape: readonly number[]): Float32Array {
  const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
  const offset = /ln_\w+\.weight$/.test(name) ? 1 : 0;
  let state = [...name].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7);
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0; // fast; a good generator would take longer than the encoder
    values[i] = offset + (0.02 * Math.sqrt(12) * state) / 2 ** 32;
  }
  return values;
}
