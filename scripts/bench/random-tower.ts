import type { ClipConfig } from '@anomclip/core/clip';
import type { Checkpoint } from '@anomclip/core/weights';

/** A vision tower with random weights of a plausible size, each made when it is asked for: nothing is stored. */
export function randomTower({ vision, embeddingWidth }: ClipConfig): Checkpoint {
  const { width, mlpWidth, imageSize, patchSize } = vision;
  const shapes = new Map<string, readonly number[]>([
    ['visual.conv1.weight', [width, 3, patchSize, patchSize]],
    ['visual.class_embedding', [width]],
    ['visual.positional_embedding', [(imageSize / patchSize) ** 2 + 1, width]],
    ['visual.proj', [width, embeddingWidth]],
  ]);
  const withBias = (name: string, separator: '.' | '_', outputs: number, ...inputs: number[]) => {
    shapes.set(`${name}${separator}weight`, [outputs, ...inputs]).set(`${name}${separator}bias`, [outputs]);
  };
  withBias('visual.ln_pre', '.', width);
  withBias('visual.ln_post', '.', width);
  for (let i = 0; i < vision.layers; i++) {
    addBlock(shapes, `visual.transformer.resblocks.${i}`, width, mlpWidth);
  }
  return { shapes, read: async (name) => randomWeights(name, shapes.get(name) ?? []) };
}

/** Both towers, as {@link randomTower}. */
export function randomClip(config: ClipConfig): Checkpoint {
  const { width, mlpWidth, layers, contextLength, vocabularySize } = config.text;
  const { shapes: visionShapes } = randomTower(config);
  const shapes = new Map([
    ...visionShapes,
    ['token_embedding.weight', [vocabularySize, width]],
    ['positional_embedding', [contextLength, width]],
    ['text_projection', [width, config.embeddingWidth]],
    ['ln_final.weight', [width]],
    ['ln_final.bias', [width]],
  ] as [string, readonly number[]][]);
  for (let i = 0; i < layers; i++) addBlock(shapes, `transformer.resblocks.${i}`, width, mlpWidth);
  return { shapes, read: async (name) => randomWeights(name, shapes.get(name) ?? []) };
}

/** Shapes of a transformer block, into the map. */
function addBlock(
  shapes: Map<string, readonly number[]>,
  block: string,
  width: number,
  mlpWidth: number,
): void {
  for (const [name, outputs, inputs] of [
    ['attn.in_proj_', 3 * width, width],
    ['attn.out_proj.', width, width],
    ['mlp.c_fc.', mlpWidth, width],
    ['mlp.c_proj.', width, mlpWidth],
  ] as const) {
    shapes.set(`${block}.${name}weight`, [outputs, inputs]).set(`${block}.${name}bias`, [outputs]);
  }
  for (const name of ['ln_1', 'ln_2']) {
    shapes.set(`${block}.${name}.weight`, [width]).set(`${block}.${name}.bias`, [width]);
  }
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
