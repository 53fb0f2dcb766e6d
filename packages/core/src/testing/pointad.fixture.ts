import * as tf from '@tensorflow/tfjs';
import { type ClipConfig, clipPreprocessing } from '../clip/index.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { GoldenFile } from './golden.fixture.js';

/** The golden training step of PointAD, and the CLIP in it. */
export function pointadGolden(): { golden: GoldenFile; config: ClipConfig; checkpoint: Checkpoint } {
  const golden = new GoldenFile('golden/pointad-train-step.safetensors');
  const json = JSON.parse(golden.metadata.config) as Record<string, number>;
  const config: ClipConfig = {
    embeddingWidth: json.embed_dim,
    activation: 'quick-gelu',
    vision: {
      imageSize: json.image_resolution,
      patchSize: json.vision_patch_size,
      width: json.vision_width,
      layers: json.vision_layers,
      heads: Number(golden.metadata.heads_vision),
      mlpWidth: 4 * json.vision_width,
    },
    text: {
      contextLength: json.context_length,
      vocabularySize: json.vocab_size,
      width: json.transformer_width,
      layers: json.transformer_layers,
      heads: json.transformer_heads,
      mlpWidth: 4 * json.transformer_width,
    },
    preprocess: clipPreprocessing,
  };
  return { golden, config, checkpoint: withTokenEmbedding(golden, config) };
}

/**
 * A prompt parameter as it was before the file's step: its `prompt.*` equal its `after_adam.*`, written after the
 * optimiser had moved them in place. Adam's first step is lr·g/(|g| + ε) whatever its betas, so it can be undone.
 */
export function promptBeforeTheStep(golden: GoldenFile, name: string): tf.Tensor2D {
  const [learningRate, epsilon] = [1e-3, 1e-8];
  const gradient = golden.values(`grad.${name}`);
  const restored = golden
    .values(`prompt.${name}`)
    .map((value, i) => value + (learningRate * gradient[i]) / (Math.abs(gradient[i]) + epsilon));
  return tf.tensor2d(restored, golden.shape(`prompt.${name}`) as [number, number]);
}

/** The golden file keeps only the rows of the token embedding that its prompts use. */
function withTokenEmbedding(golden: GoldenFile, config: ClipConfig): Checkpoint {
  const checkpoint = golden.checkpoint('weights.');
  const { vocabularySize, width } = config.text;
  const rows = golden.values('weights.token_embedding.rows');
  return {
    shapes: new Map([...checkpoint.shapes, ['token_embedding.weight', [vocabularySize, width]]]),
    read: async (name) => {
      if (name !== 'token_embedding.weight') return checkpoint.read(name);
      const table = new Float32Array(vocabularySize * width);
      for (const [row, id] of golden.values('weights.token_embedding.row_ids').entries()) {
        table.set(rows.subarray(row * width, (row + 1) * width), id * width);
      }
      return table;
    },
  };
}
