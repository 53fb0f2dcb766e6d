import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { setUpBackend } from '../backend/index.js';
import { VisionTower } from '../clip/index.js';
import { smallCheckpoint, smallConfig, smallPixels } from '../testing/small-tower.fixture.js';
import type { ImageEncoder } from './image-encoder.js';
import { createOnnxImageEncoder } from './onnx-image-encoder.js';

const options = { layers: [3], valueAttentionFrom: 2, projectPatches: true };

async function encodeOften(encoder: ImageEncoder, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const images = tf.tensor4d(smallPixels(1, 32, 32), [1, 32, 32, 3]);
    const { image, patches } = await encoder.encode(images, options);
    await image.data();
    tf.dispose([images, image, [...patches.values()]]);
  }
}

test.each([
  ['ONNX Runtime', () => createOnnxImageEncoder(ortNode, smallCheckpoint(), smallConfig, options)],
  ['the vision tower on wasm', () => VisionTower.load(smallCheckpoint(), smallConfig)],
])('a thousand encodings with %s leave nothing behind', async (_, create: () => Promise<ImageEncoder>) => {
  await setUpBackend('wasm');
  const encoder = await create();
  await encodeOften(encoder, 200); // pools and compiled code
  const tensors = tf.memory().numTensors;
  const resident = process.memoryUsage.rss();
  await encodeOften(encoder, 1000);
  expect(tf.memory().numTensors).toBe(tensors);
  // A leak of one run's tokens, 17 × 16 floats in each of some forty places, would be 40 MB.
  expect((process.memoryUsage.rss() - resident) / 2 ** 20).toBeLessThan(30);
  await encoder.dispose();
});
