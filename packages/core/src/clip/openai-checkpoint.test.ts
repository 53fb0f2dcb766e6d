import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { openFolder } from '../node/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends } from '../testing/backends.fixture.js';
import { GoldenFile, sharedFolder } from '../testing/golden.fixture.js';
import { loadClip } from './load-clip.js';
import { wordTokenizer } from './word-tokenizer.js';

const folder = `${sharedFolder}/golden/checkpoints`;

describeOnBackends('a checkpoint without configuration', (backend) => {
  // fp16 rounds the weights; the expected results are those of the float32 model.
  test.each([
    ['state-dict.pth', 2e-5],
    ['open-clip-train.pt', 2e-5],
    ['openai-torchscript-fp16.pt', 2e-2],
  ])('%s gives the results of the model, its configuration inferred', async (weights, tolerance) => {
    const golden = new GoldenFile('golden/checkpoints/expected.safetensors');
    const tokenizer = wordTokenizer({ start: 0, end: 199, contextLength: 16, ids: new Map() });
    const before = tf.memory().numTensors;
    const clip = await loadClip(await openFolder(folder), { weights, tokenizer });
    expect(clip.config).toMatchObject({
      activation: 'quick-gelu',
      embeddingWidth: 16,
      vision: { imageSize: 28, patchSize: 14, width: 64, layers: 2, heads: 1 },
      text: { contextLength: 16, vocabularySize: 200, width: 64, layers: 2, heads: 1 },
    });
    const { values, shape } = golden.nhwc('input.image');
    const images = tf.tensor4d(values, shape);
    const { image } = await clip.vision.encode(images);
    const text = clip.text.encode([golden.values('input.text')]);
    const slack = backend === 'webgpu' ? Math.max(tolerance, 2e-3) : tolerance;
    expect(largestDifference(await image.data(), golden.values('output.image'))).toBeLessThan(slack);
    expect(largestDifference(await text.data(), golden.values('output.text'))).toBeLessThan(slack);
    tf.dispose([images, image, text]);
    await clip.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
