import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import * as ortNode from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createOnnxImageEncoder, type OnnxRuntime } from '../encoder/index.js';
import type { Image } from '../image/index.js';
import { openFolder } from '../node/index.js';
import { normalise } from '../tensor/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends, startBackend } from '../testing/backends.fixture.js';
import { GoldenFile, hasShared, sharedFolder } from '../testing/golden.fixture.js';
import { type Clip, loadClip } from './load-clip.js';
import { encodePromptEnsemble } from './prompts.js';

// A small CLIP that was trained, with what OpenCLIP's code gives for it on images of categories it never saw.
const folder = `${sharedFolder}/data/prototype-clip`;
const tolerance = 1e-4;
const paths = [
  { maps: 'expected.maps_8x8', valueAttentionFrom: undefined },
  { maps: 'expected.maps_value_value_8x8', valueAttentionFrom: 2 },
] as const;

describeOnBackends('the prototype CLIP', (backend) => {
  // The first images; `parity ../shared/data/prototype-clip` takes all of them.
  test.each(paths)('gives the expected features, scores and $maps', async ({ maps, valueAttentionFrom }) => {
    const clip = await loadClip(await openFolder(folder), { towers: ['vision'] });
    await expectScores(clip, maps, valueAttentionFrom, 0, backend === 'webgpu' ? 2 : 8);
    await clip.dispose();
  });

  test('gives the expected mean text embeddings from the texts alone', async () => {
    const { expected, prompts } = readExpected();
    const clip = await loadClip(await openFolder(folder), { towers: ['text'] });
    const classes = encodePromptEnsemble(clip, prompts, 'object');
    const [normal, anomalous] = await classes.array();
    expect(largestDifference(normal, expected.values('expected.text_normal'))).toBeLessThan(tolerance);
    expect(largestDifference(anomalous, expected.values('expected.text_anomalous'))).toBeLessThan(tolerance);
    classes.dispose();
    await clip.dispose();
  });
});

test.skipIf(!hasShared).each(paths)(
  'on ONNX Runtime it gives the expected features, scores and $maps of all images (skipped where ../shared is absent)',
  async ({ maps, valueAttentionFrom }) => {
    await startBackend('cpu');
    const clip = await loadClip(await openFolder(folder), {
      towers: ['vision'],
      openImageEncoder: (checkpoint, config) =>
        createOnnxImageEncoder(ortNode as OnnxRuntime, checkpoint, config, {
          layers: [config.vision.layers],
          valueAttentionFrom,
          projectPatches: true,
        }),
    });
    for (let start = 0; start < 400; start += 50) {
      await expectScores(clip, maps, valueAttentionFrom, start, 50);
    }
    await clip.dispose();
  },
);

/** Cosine with the anomalous text minus cosine with the normal text, of images and of patches, from image `start` on. */
async function expectScores(
  clip: Clip,
  maps: string,
  valueAttentionFrom: number | undefined,
  start: number,
  count: number,
): Promise<void> {
  const { expected, images } = readExpected();
  const before = tf.memory().numTensors;
  const { embeddingWidth: width, vision } = clip.config;
  const { image, patches } = await clip.encodeImages(images.slice(start, start + count), {
    layers: [vision.layers],
    valueAttentionFrom,
    projectPatches: true,
  });
  const outputs = tf.tidy(() => {
    const [anomalous, normal] = ['anomalous', 'normal'].map((state) =>
      tf.tensor2d(expected.values(`expected.text_${state}`), [width, 1]),
    );
    const direction = tf.sub(anomalous, normal) as tf.Tensor2D;
    const unit = normalise(image);
    const tokens = normalise(patches.get(vision.layers) as tf.Tensor3D);
    return [
      unit,
      tf.matMul(unit, direction),
      tf.matMul(tf.reshape(tokens, [-1, width]) as tf.Tensor2D, direction),
    ];
  });
  const names = ['expected.image_features', 'expected.image_scores', maps];
  for (const [i, values] of (await Promise.all(outputs.map((tensor) => tensor.data()))).entries()) {
    const size = values.length / count;
    const wanted = expected.values(names[i]).subarray(start * size, (start + count) * size);
    expect(largestDifference(values, wanted), names[i]).toBeLessThan(tolerance);
  }
  tf.dispose([outputs, image, [...patches.values()]]);
  expect(tf.memory().numTensors).toBe(before);
}

/** The normal images, then the anomalous ones. */
function readExpected() {
  const expected = new GoldenFile('data/prototype-clip/unseen-categories.safetensors');
  const list = (name: string) => JSON.parse(expected.metadata[name]) as string[];
  const images = ['normal_rgb', 'anomalous_rgb'].flatMap((name): Image[] => {
    const [count, height, width] = expected.shape(name);
    const all = ndarray(Uint8Array.from(expected.values(name)), [count, height, width, 3]);
    return Array.from({ length: count }, (_, i) => all.pick(i, null, null, null));
  });
  const prompts = {
    templates: list('prompt_templates'),
    states: { normal: list('states_normal'), anomalous: list('states_anomalous') },
  };
  return { expected, images, prompts };
}
