import { ArgumentError, FormatError, ShapeError } from '@anomclip/core';
import { setUpBackend } from '@anomclip/core/backend';
import { type Clip, preprocessImages } from '@anomclip/core/clip';
import { gaussianFilter, type Image, interpolate, type Mask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { normalise } from '@anomclip/core/tensor';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { initialPrompts } from '../pointad/index.js';
import { SMALL_CLIP_SIZE, smallClip } from '../testing/small-clip.js';
import { anomalyClipConfig, anomalyClipPresets, type PartialAnomalyClipConfig } from './config.js';
import { type AnomalyClipSample, createAnomalyClip } from './detector.js';
import { loadAnomalyClip, saveAnomalyClip } from './detector-file.js';
import { fitAnomalyClip } from './fit.js';

const small: PartialAnomalyClipConfig = {
  prompt: { length: 3 },
  deepPrompt: { depth: 3, length: 2 },
  featureLayers: [2, 3],
  vvFirstBlock: 2,
  epochs: 6,
  batchSize: 2,
  optimizer: { lr: 0.02 },
};

describe.each(['cpu', 'wasm'] as const)('AnomalyCLIP on %s', (backend) => {
  let clip: Clip;
  beforeAll(async () => {
    await setUpBackend(backend);
    clip = await smallClip();
  });

  test('training lowers the losses, and the file gives the same detector', async () => {
    const before = tf.memory().numTensors;
    const detector = await fitAnomalyClip(clip, trainingSamples(), small);
    const [total, image, maps] = ['total', 'image', 'maps'].map((name) => detector.history.get(name) ?? []);
    expect(total).toHaveLength(12); // 6 epochs of 2 batches
    expect(mean(total.slice(-2))).toBeLessThan(mean(total.slice(0, 2)));
    expect(total[0]).toBeCloseTo(image[0] + maps[0], 5);
    expect(Object.keys(detector.prompts)).toEqual([
      'context.normal',
      'context.anomalous',
      'deep.0',
      'deep.1',
    ]);
    expect(tf.memory().numTensors).toBe(before + 1);

    const loaded = loadAnomalyClip(saveAnomalyClip(detector), clip);
    expect(loaded.config).toEqual(detector.config);
    expect(loaded.prompts).toEqual(detector.prompts);
    const sample = { image: randomImage('query') };
    const [a, b] = [await detector.predict(sample), await loaded.predict(sample)];
    expect(b.imageScore).toBe(a.imageScore);
    expect(b.anomalyMap.data).toEqual(a.anomalyMap.data);
    const again = await createAnomalyClip(clip, detector.prompts, detector.config);
    expect(largestDifference(again.text.data, detector.text.data)).toBeLessThan(1e-6);
    for (const each of [detector, loaded, again]) each.dispose();
    await expect(detector.predict(sample)).rejects.toThrow(/has not been disposed/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a map is the sum of the layers' maps, blurred; the score is the probability of the image alone", async () => {
    const detector = await untrained(clip, { smoothing: { sigma: 1.5 } });
    const before = tf.memory().numTensors;
    const image = randomImage('query');
    const expected = await byHand(clip, image, detector.text.data, 1.5);
    const { imageScore, anomalyMap, ...parts } = await detector.predict({ depth: image });
    expect(imageScore).toBeCloseTo(expected.probability, 5);
    expect(largestDifference(anomalyMap.data, expected.map.data)).toBeLessThan(1e-5);
    expect(Object.keys(parts)).toEqual(['depth']);
    expect(parts.depth?.anomalyMap.data).toEqual(anomalyMap.data);

    const wide: Image = ndarray(new Uint8Array(10 * 30 * 3).fill(90), [10, 30, 3]);
    expect((await detector.predict({ image: wide })).anomalyMap.shape).toEqual([10, 30]);
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('image and depth together are fused as PointAD fuses image and cloud', async () => {
    const detector = await untrained(clip, { smoothing: { sigma: 1 } });
    const [image, depth] = [randomImage('image'), randomImage('depth')];
    const together = await detector.predict({ image, depth });
    const [a, b] = [await detector.predict({ image }), await detector.predict({ depth })];
    expect(together.image?.imageScore).toBe(a.imageScore);
    expect(together.depth?.anomalyMap.data).toEqual(b.anomalyMap.data);
    const average = a.anomalyMap.data.map((value, i) => (value + b.anomalyMap.data[i]) / 2);
    const { data } = gaussianFilter(ndarray(average, [SMALL_CLIP_SIZE, SMALL_CLIP_SIZE]), 1);
    expect(largestDifference(together.anomalyMap.data, data)).toBeLessThan(1e-6);
    const most = data.reduce((x, y) => Math.max(x, y), 0);
    expect(together.imageScore).toBeCloseTo(((a.imageScore + b.imageScore) / 2 + most) / 2, 5);
    detector.dispose();
  });
});

describe('AnomalyCLIP refuses', () => {
  let clip: Clip;
  beforeAll(async () => {
    await setUpBackend('cpu');
    clip = await smallClip();
  });

  test('samples that do not go together', async () => {
    const before = tf.memory().numTensors;
    const image = randomImage('a');
    const mask: Mask = ndarray(new Uint8Array(4), [2, 2]);
    await expect(fitAnomalyClip(clip, [], small)).rejects.toThrow(ArgumentError);
    await expect(fitAnomalyClip(clip, [{ image, mask }], small)).rejects.toThrow(ShapeError);
    await expect(fitAnomalyClip(clip, [{ image }], small)).rejects.toThrow(/a mask, or label 0/);
    const onDepth = { ...small, trainOn: 'depth' } as const;
    await expect(fitAnomalyClip(clip, [{ image, label: 0 }], onDepth)).rejects.toThrow(/with depth/);
    const detector = await untrained(clip);
    await expect(detector.predict({})).rejects.toThrow(/an image, a depth image or both/);
    const flat: Image = ndarray(new Uint8Array(3), [1, 1, 3]);
    await expect(detector.predict({ image, depth: flat })).rejects.toThrow(ShapeError);
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('configurations that cannot work', () => {
    for (const wrong of [
      { localWeight: -1 },
      { trainOn: 'clouds' },
      { viewNormalization: 'viewCount' },
      { prompt: { length: 0 } },
      { optimizer: { rate: 1 } },
    ]) {
      expect(() => anomalyClipConfig(wrong as PartialAnomalyClipConfig)).toThrow(ArgumentError);
    }
    expect(() => anomalyClipConfig({}, 'best' as 'released')).toThrow(/recommended, released, fourLayers/);
    expect(anomalyClipConfig({ epochs: undefined })).toEqual(anomalyClipPresets.recommended);
    expect(anomalyClipConfig({}, 'released').deepPrompt.roundToHalf).toBe(true);
  });

  test('files that are not its own', async () => {
    const detector = await untrained(clip);
    const bytes = saveAnomalyClip(detector);
    const { tensors, metadata } = readSafetensors(bytes);
    const file = Object.fromEntries(
      [...tensors].map(([name, { shape, data }]) => [
        name,
        { shape: [...shape], data: data as Float32Array },
      ]),
    );
    const { text, ...prompts } = file;
    const broken = [
      writeSafetensors(file, { ...metadata, kind: 'pointad' }),
      writeSafetensors(file, { ...metadata, config: '{"temperature":0}' }),
      writeSafetensors(file, { ...metadata, config: '[' }),
      writeSafetensors(prompts, metadata),
      writeSafetensors({ ...file, other: text }, metadata),
      writeSafetensors(
        { ...file, text: { shape: [2, 6], data: new Float32Array(12).fill(Number.NaN) } },
        metadata,
      ),
    ];
    for (const wrong of broken) expect(() => loadAnomalyClip(wrong, clip)).toThrow(FormatError);
    const narrow = { ...file, text: { shape: [2, 3], data: new Float32Array(6).fill(1) } };
    expect(() => loadAnomalyClip(writeSafetensors(narrow, metadata), clip)).toThrow(
      /embeddings of 3 numbers/,
    );
    detector.dispose();
  });
});

function untrained(clip: Clip, config: PartialAnomalyClipConfig = {}) {
  const complete = anomalyClipConfig({ ...small, ...config });
  return createAnomalyClip(clip, initialPrompts(8, complete, createRng(3)), complete);
}

/** Four images, two with a bright square that their masks mark. */
function trainingSamples(): AnomalyClipSample[] {
  return [0, 1, 2, 3].map((i) => {
    const image = randomImage(`train ${i}`);
    const mask: Mask = ndarray(new Uint8Array(SMALL_CLIP_SIZE ** 2), [SMALL_CLIP_SIZE, SMALL_CLIP_SIZE]);
    if (i % 2 === 0) return { image, label: 0 };
    for (let row = 4; row < 10; row++) {
      for (let column = 4; column < 10; column++) {
        mask.set(row, column, 1);
        for (let channel = 0; channel < 3; channel++) image.set(row, column, channel, 255);
      }
    }
    return { image, mask };
  });
}

function randomImage(seed: string): Image {
  const rng = createRng(seed);
  const data = Uint8Array.from({ length: SMALL_CLIP_SIZE ** 2 * 3 }, () => rng.uniform(0, 160));
  return ndarray(data, [SMALL_CLIP_SIZE, SMALL_CLIP_SIZE, 3]);
}

/** Probability and map of an image, straight from the tower. */
async function byHand(clip: Clip, image: Image, text: Float32Array, sigma: number) {
  const pixels = preprocessImages(image, clip.config);
  const options = { layers: [2, 3], valueAttentionFrom: 2, projectPatches: true };
  const { image: whole, patches } = await clip.vision.encode(pixels, options);
  const probability = async (embeddings: tf.Tensor) => {
    const unit = tf.tidy(() => tf.reshape(normalise(embeddings), [-1, 6]) as tf.Tensor2D);
    const rows = await unit.array();
    unit.dispose();
    return rows.map((row) => {
      const [normal, anomalous] = [0, 6].map((start) =>
        row.reduce((sum, v, i) => sum + v * text[start + i], 0),
      );
      return 1 / (1 + Math.exp((normal - anomalous) / 0.07));
    });
  };
  const layers = await Promise.all([2, 3].map((layer) => probability(patches.get(layer) as tf.Tensor3D)));
  const sum = Float32Array.from(layers[0], (value, i) => value + layers[1][i]);
  const map = gaussianFilter(interpolate(ndarray(sum, [4, 4]), SMALL_CLIP_SIZE, SMALL_CLIP_SIZE), sigma);
  const [ofImage] = await probability(whole);
  tf.dispose([pixels, whole, [...patches.values()]]);
  return { probability: ofImage, map };
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
