import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends } from '../testing/backends.fixture.js';
import { GoldenFile } from '../testing/golden.fixture.js';
import { pointadGolden, promptBeforeTheStep } from '../testing/pointad.fixture.js';
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
    const { golden, config } = pointadGolden();
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
    const { golden, config, checkpoint } = pointadGolden();
    const text = await TextTower.load(checkpoint, config);
    const before = tf.memory().numTensors;
    const features = tf.tidy(() => {
      const ids = ['prompt.tokenized_normal', 'prompt.tokenized_anomalous'].map((name) =>
        golden.values(name),
      );
      const plain = text.embed(ids);
      const [length, width] = [plain.shape[1], plain.shape[2]];
      const learned = tf.stack(
        ['ctx_normal', 'ctx_anomalous'].map((name) => promptBeforeTheStep(golden, name)),
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
      const deepPrompts = [0, 1, 2].map((i) => promptBeforeTheStep(golden, `deep_${i}`));
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
