import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends } from '../testing/backends.fixture.js';
import { GoldenFile } from '../testing/golden.fixture.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { type ClipConfig, clipPreprocessing } from './config.js';
import { parseClipConfig } from './parse-config.js';
import { endPosition, TextTower } from './text.js';
import { VisionTower } from './vision.js';

describeOnBackends('the CLIP towers', (backend) => {
  describe.each(['clip-gelu', 'clip-quickgelu'])('%s', (name) => {
    test('every block and both embeddings equal OpenCLIP', async () => {
      const golden = new GoldenFile(`golden/${name}.safetensors`);
      const config = parseClipConfig(`{ "model_cfg": ${golden.metadata.config} }`);
      const checkpoint = golden.checkpoint('weights.');
      const before = tf.memory().numTensors;
      const vision = await VisionTower.load(checkpoint, config);
      const text = await TextTower.load(checkpoint, config);
      const loaded = tf.memory().numTensors;

      const { values, shape } = golden.nhwc('input.image_nchw');
      const images = tf.tensor4d(values, shape);
      const layers = Array.from({ length: config.vision.layers }, (_, i) => i + 1);
      const features = vision.encode(images, { layers });
      expect(tf.memory().numTensors).toBe(loaded + 2 + layers.length);
      expect(
        largestDifference(await features.image.data(), golden.values('output.image_features')),
      ).toBeLessThan(backend === 'webgpu' ? 2e-3 : 2e-5);
      for (const [layer, patches] of features.patches) {
        const tokens = golden.values(`output.block_${layer}_tokens`);
        const [, count, width] = golden.shape(`output.block_${layer}_tokens`);
        const withoutClass = tokens.filter((_, i) => Math.floor(i / width) % count !== 0);
        expect(largestDifference(await patches.data(), withoutClass)).toBeLessThan(
          backend === 'webgpu' ? 2e-3 : 2e-5,
        );
      }

      const [rows, length] = golden.shape('input.text_ids');
      const ids = golden.values('input.text_ids');
      const embeddings = text.encode(
        Array.from({ length: rows }, (_, i) => ids.subarray(i * length, (i + 1) * length)),
      );
      expect(largestDifference(await embeddings.data(), golden.values('output.text_features'))).toBeLessThan(
        2e-5,
      );

      tf.dispose([images, features.image, [...features.patches.values()], embeddings]);
      vision.dispose();
      text.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});

describeOnBackends('the frozen part of PointAD', (backend) => {
  test('value-value features equal the official ones at every listed layer', async () => {
    const { golden, config } = pointad();
    const vision = await VisionTower.load(golden.checkpoint('weights.'), config);
    const { values, shape } = golden.nhwc('input.renderings_nchw');
    const images = tf.tensor4d(values, shape);
    const layers = JSON.parse(golden.metadata.feature_layers) as number[];
    const replaced = Number(golden.metadata.dpam_layers_argument) - 1;
    const features = vision.encode(images, {
      layers,
      valueAttentionFrom: config.vision.layers - replaced + 1,
      projectPatches: true,
    });
    const image = golden.values('output.image_features_unnormalised');
    expect(largestDifference(await features.image.data(), image)).toBeLessThan(
      backend === 'webgpu' ? 2e-3 : 5e-5,
    );
    for (const layer of layers) {
      const patches = features.patches.get(layer) as tf.Tensor3D;
      const [, count, width] = golden.shape(`output.patch_features_layer_${layer}`);
      const expected = golden
        .values(`output.patch_features_layer_${layer}`)
        .filter((_, i) => Math.floor(i / width) % count !== 0);
      expect(largestDifference(await patches.data(), expected), `layer ${layer}`).toBeLessThan(
        backend === 'webgpu' ? 2e-3 : 5e-5,
      );
    }
    tf.dispose([images, features.image, [...features.patches.values()]]);
    vision.dispose();
  });

  test('learned and deep prompts give the official text features', async () => {
    const { golden, config } = pointad();
    const text = await TextTower.load(withTokenEmbedding(golden, config), config);
    const before = tf.memory().numTensors;
    const features = tf.tidy(() => {
      const ids = ['prompt.tokenized_normal', 'prompt.tokenized_anomalous'].map((name) =>
        golden.values(name),
      );
      const plain = text.embed(ids);
      const [length, width] = [plain.shape[1], plain.shape[2]];
      const learned = tf.stack(
        ['prompt.ctx_normal', 'prompt.ctx_anomalous'].map((name) => beforeTheStep(golden, name)),
      ) as tf.Tensor3D;
      const count = learned.shape[1];
      const embeddings = tf.concat(
        [
          tf.slice(plain, [0, 0, 0], [2, 1, width]),
          learned,
          tf.slice(plain, [0, 1 + count, 0], [2, length - 1 - count, width]),
        ],
        1,
      );
      const deepPrompts = [0, 1, 2].map((i) => beforeTheStep(golden, `prompt.deep_${i}`));
      return text.encodeEmbeddings(embeddings, ids.map(endPosition), { deepPrompts });
    });
    expect(tf.memory().numTensors).toBe(before + 1);
    const expected = golden.values('output.text_features_unnormalised');
    expect(largestDifference(await features.data(), expected)).toBeLessThan(
      backend === 'webgpu' ? 2e-3 : 5e-5,
    );
    features.dispose();
    text.dispose();
  });
});

function pointad(): { golden: GoldenFile; config: ClipConfig } {
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
  return { golden, config };
}

/** The golden file keeps only the rows of the token embedding that its prompts use. */
function withTokenEmbedding(golden: GoldenFile, config: ClipConfig): Checkpoint {
  const checkpoint = golden.checkpoint('weights.');
  const { vocabularySize, width } = config.text;
  const shapes = new Map([...checkpoint.shapes, ['token_embedding.weight', [vocabularySize, width]]]);
  const rows = golden.values('weights.token_embedding.rows');
  return {
    ...checkpoint,
    shapes,
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

/**
 * The file's `prompt.*` equal its `after_adam.*`: they were written after the optimiser had moved them in place. Adam's
 * first step is lr·g/(|g| + ε) whatever its betas, so what the features were computed from can be restored.
 */
function beforeTheStep(golden: GoldenFile, name: string): tf.Tensor2D {
  const [learningRate, epsilon] = [1e-3, 1e-8];
  const gradient = golden.values(name.replace('prompt.', 'grad.'));
  const restored = golden
    .values(name)
    .map((value, i) => value + (learningRate * gradient[i]) / (Math.abs(gradient[i]) + epsilon));
  return tf.tensor2d(restored, golden.shape(name) as [number, number]);
}
