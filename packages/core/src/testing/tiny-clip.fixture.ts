import { type ClipConfig, clipPreprocessing } from '../clip/config.js';
import { createRng } from '../random/index.js';
import { byteSource, type FileSource, type TensorToWrite, writeSafetensors } from '../weights/index.js';

/** A CLIP so small that finite differences and a thousand encodes take no time; its weights mean nothing. */
export const tinyConfig: ClipConfig = {
  embeddingWidth: 6,
  activation: 'quick-gelu',
  vision: { imageSize: 8, patchSize: 4, width: 8, layers: 3, heads: 2, mlpWidth: 16 },
  text: { contextLength: 12, vocabularySize: 10, width: 8, layers: 3, heads: 2, mlpWidth: 16 },
  preprocess: clipPreprocessing,
};

const openClipConfig = {
  model_cfg: {
    embed_dim: 6,
    quick_gelu: true,
    vision_cfg: { image_size: 8, layers: 3, width: 8, head_width: 4, patch_size: 4, mlp_ratio: 2 },
    text_cfg: { context_length: 12, vocab_size: 10, width: 8, heads: 2, layers: 3, mlp_ratio: 2 },
  },
};

const vocabulary = {
  start: 8,
  end: 9,
  context_length: 12,
  vocabulary: { '<p>': 0, a: 1, 'a</w>': 2, b: 3, 'b</w>': 4, damaged: 5, flawless: 6, part: 7 },
};

/** The files of its folder; `change` may alter them. */
export function tinyClipFiles(
  change: (files: Record<string, Uint8Array | string>) => void = () => {},
): FileSource {
  const files: Record<string, Uint8Array | string> = {
    'open_clip_config.json': JSON.stringify(openClipConfig),
    'open_clip_model.safetensors': tinyClipWeights(),
    'vocabulary.json': JSON.stringify(vocabulary),
  };
  change(files);
  return {
    names: Object.keys(files),
    open: async (name) => {
      const content = files[name];
      return byteSource(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    },
  };
}

export function tinyClipWeights(): Uint8Array {
  const { vision, text, embeddingWidth } = tinyConfig;
  const tensors: Record<string, TensorToWrite> = {};
  const add = (name: string, shape: number[], mean = 0) => {
    const rng = createRng('tiny clip').fork(name);
    const length = shape.reduce((product, side) => product * side, 1);
    tensors[name] = { shape, data: Float32Array.from({ length }, () => rng.normal(mean, 0.3)) };
  };
  const layerNorm = (name: string, width: number) => {
    add(`${name}.weight`, [width], 1);
    add(`${name}.bias`, [width]);
  };
  for (const [prefix, { width, layers, mlpWidth }] of [
    ['visual.transformer', vision],
    ['transformer', text],
  ] as const) {
    for (let i = 0; i < layers; i++) {
      const block = `${prefix}.resblocks.${i}`;
      layerNorm(`${block}.ln_1`, width);
      layerNorm(`${block}.ln_2`, width);
      for (const [name, outputs, inputs] of [
        ['attn.in_proj_', 3 * width, width],
        ['attn.out_proj.', width, width],
        ['mlp.c_fc.', mlpWidth, width],
        ['mlp.c_proj.', width, mlpWidth],
      ] as const) {
        add(`${block}.${name}weight`, [outputs, inputs]);
        add(`${block}.${name}bias`, [outputs]);
      }
    }
  }
  add('visual.conv1.weight', [vision.width, 3, vision.patchSize, vision.patchSize]);
  add('visual.class_embedding', [vision.width]);
  add('visual.positional_embedding', [(vision.imageSize / vision.patchSize) ** 2 + 1, vision.width]);
  layerNorm('visual.ln_pre', vision.width);
  layerNorm('visual.ln_post', vision.width);
  add('visual.proj', [vision.width, embeddingWidth]);
  add('token_embedding.weight', [text.vocabularySize, text.width]);
  add('positional_embedding', [text.contextLength, text.width]);
  layerNorm('ln_final', text.width);
  add('text_projection', [text.width, embeddingWidth]);
  return writeSafetensors(tensors);
}
