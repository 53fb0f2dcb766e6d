import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { setUpBackend } from '../backend/index.js';
import { type ClipConfig, parseClipConfig, VisionTower } from '../clip/index.js';
import { GoldenFile, hasShared, largestError } from '../testing/golden.fixture.js';
import { createOnnxImageEncoder } from './onnx-image-encoder.js';
import type { OnnxRuntime } from './onnx-runtime.js';

beforeAll(async () => {
  await setUpBackend('cpu');
});

describe.skipIf(!hasShared).each([
  ['onnxruntime-node', ortNode as OnnxRuntime],
  ['onnxruntime-web', ortWeb as unknown as OnnxRuntime],
])('on %s (skipped where ../shared is absent)', (_, ort) => {
  test.each(['clip-gelu', 'clip-quickgelu'])(
    'every layer and the embedding of %s equal those of tfjs',
    async (name) => {
      const golden = new GoldenFile(`golden/${name}.safetensors`);
      const config: ClipConfig = parseClipConfig(`{ "model_cfg": ${golden.metadata.config} }`);
      const checkpoint = golden.checkpoint('weights.');
      const layers = Array.from({ length: config.vision.layers }, (_, i) => i + 1);
      const { values, shape } = golden.nhwc('input.image_nchw');
      const images = tf.tensor4d(values, shape);
      const tower = await VisionTower.load(checkpoint, config);
      for (const options of [
        { layers },
        { layers, valueAttentionFrom: 2 },
        { layers, valueAttentionFrom: 2, projectPatches: true },
      ]) {
        const encoder = await createOnnxImageEncoder(ort, checkpoint, config, options);
        const expected = tower.encode(images, options);
        const before = tf.memory().numTensors;
        const actual = await encoder.encode(images, options);
        expect(tf.memory().numTensors).toBe(before + 1 + layers.length);
        expect(largestError(await actual.image.data(), await expected.image.data())).toBeLessThan(1e-4);
        for (const layer of layers) {
          const [ours, theirs] = [actual.patches.get(layer), expected.patches.get(layer)] as tf.Tensor3D[];
          expect(ours.shape).toEqual(theirs.shape);
          expect(largestError(await ours.data(), await theirs.data()), `layer ${layer}`).toBeLessThan(1e-4);
        }
        tf.dispose([
          actual.image,
          [...actual.patches.values()],
          expected.image,
          [...expected.patches.values()],
        ]);
        await encoder.dispose();
      }
      tf.dispose(images);
      tower.dispose();
    },
  );
});
