import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import * as ortNode from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createOnnxImageEncoder, type ImageEncoder, type OnnxRuntime } from '../encoder/index.js';
import { clipPreprocess, contiguous } from '../image/index.js';
import { normalise } from '../tensor/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends, startBackend } from '../testing/backends.fixture.js';
import { GoldenFile, hasShared, sharedFolder } from '../testing/golden.fixture.js';
import { readSafetensors, safetensorsCheckpoint } from '../weights/index.js';
import { parseClipConfig } from './parse-config.js';
import { TextTower } from './text.js';
import { VisionTower } from './vision.js';

// A small CLIP that was trained, with what OpenCLIP's code gives for it on images of categories it never saw.
const folder = `${sharedFolder}/data/prototype-clip`;
const batch = 8;

function load() {
  const config = parseClipConfig(readFileSync(`${folder}/open_clip_config.json`, 'utf8'));
  const checkpoint = safetensorsCheckpoint(
    readSafetensors(readFileSync(`${folder}/open_clip_model.safetensors`)),
  );
  return {
    config,
    checkpoint,
    expected: new GoldenFile('data/prototype-clip/unseen-categories.safetensors'),
  };
}

/** The first images of the file, prepared as its folder's configuration says. */
function images({ config, expected }: ReturnType<typeof load>): tf.Tensor4D {
  const size = config.vision.imageSize;
  const [, height, width] = expected.shape('normal_rgb');
  const pixels = Uint8Array.from(expected.values('normal_rgb').subarray(0, batch * height * width * 3));
  const prepared = Array.from({ length: batch }, (_, i) => {
    const image = ndarray(pixels.subarray(i * height * width * 3, (i + 1) * height * width * 3), [
      height,
      width,
      3,
    ]);
    return tf.tensor3d(contiguous(clipPreprocess(image, { size, ...config.preprocess })), [size, size, 3]);
  });
  return tf.tidy(() => tf.stack(prepared) as tf.Tensor4D);
}

/** Cosine with the anomalous text minus cosine with the normal text, of images and of patches. */
async function expectScores(encoder: ImageEncoder, loaded: ReturnType<typeof load>, tolerance: number) {
  const { config, expected } = loaded;
  const depth = config.vision.layers;
  const input = images(loaded);
  for (const [maps, valueAttentionFrom] of [
    ['expected.maps_8x8', undefined],
    ['expected.maps_value_value_8x8', 2],
  ] as const) {
    if (!(encoder instanceof VisionTower) && valueAttentionFrom !== undefined) continue;
    const features = await encoder.encode(input, {
      layers: [depth],
      valueAttentionFrom,
      projectPatches: true,
    });
    const unit = normalise(features.image);
    const width = config.embeddingWidth;
    const wanted = expected.values('expected.image_features').subarray(0, batch * width);
    expect(largestDifference(await unit.data(), wanted)).toBeLessThan(tolerance);
    const scores = tf.tidy(() => {
      const direction = tf.sub(
        tf.tensor1d(expected.values('expected.text_anomalous')),
        tf.tensor1d(expected.values('expected.text_normal')),
      );
      const column = tf.reshape(direction, [width, 1]) as tf.Tensor2D;
      const patches = normalise(features.patches.get(depth) as tf.Tensor3D);
      return [tf.matMul(unit, column), tf.matMul(tf.reshape(patches, [-1, width]) as tf.Tensor2D, column)];
    });
    const [imageScores, patchScores] = await Promise.all(scores.map((tensor) => tensor.data()));
    expect(
      largestDifference(imageScores, expected.values('expected.image_scores').subarray(0, batch)),
    ).toBeLessThan(tolerance);
    expect(largestDifference(patchScores, expected.values(maps).subarray(0, batch * 64)), maps).toBeLessThan(
      tolerance,
    );
    tf.dispose([unit, scores, features.image, [...features.patches.values()]]);
  }
  input.dispose();
}

describeOnBackends('the prototype CLIP', (backend) => {
  const tolerance = backend === 'webgpu' ? 2e-3 : 1e-4;

  test('gives the expected image features, scores and maps', async () => {
    const loaded = load();
    const tower = await VisionTower.load(loaded.checkpoint, loaded.config);
    await expectScores(tower, loaded, tolerance);
    tower.dispose();
  });

  test('gives the expected mean text embeddings', async () => {
    const { config, checkpoint, expected } = load();
    const tower = await TextTower.load(checkpoint, config);
    for (const state of ['normal', 'anomalous']) {
      const [rows, length] = expected.shape(`prompt_ids_${state}`);
      const ids = expected.values(`prompt_ids_${state}`);
      const mean = tf.tidy(() => {
        const embeddings = tower.encode(
          Array.from({ length: rows }, (_, i) => ids.subarray(i * length, (i + 1) * length)),
        );
        return normalise(tf.mean(normalise(embeddings), 0));
      });
      expect(largestDifference(await mean.data(), expected.values(`expected.text_${state}`))).toBeLessThan(
        tolerance,
      );
      mean.dispose();
    }
    tower.dispose();
  });
});

test.skipIf(!hasShared)(
  'the prototype CLIP on ONNX Runtime gives the expected features (skipped where ../shared is absent)',
  async () => {
    await startBackend('cpu');
    const loaded = load();
    const encoder = await createOnnxImageEncoder(ortNode as OnnxRuntime, loaded.checkpoint, loaded.config, {
      layers: [loaded.config.vision.layers],
      projectPatches: true,
    });
    await expectScores(encoder, loaded, 1e-4);
    await encoder.dispose();
  },
);
