import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { createMask, interpolate } from '@anomclip/core/image';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import type { HeadValues } from '../heads/weights.js';
import { type Clip3dConfig, clip3dConfig, type PartialClip3dConfig } from './config.js';
import { createClip3dDetector } from './detector.js';
import { fitClip3d } from './fit.js';
import { anomalousProbability } from './head.js';
import { domeScan, tinyClip, tinyOptions } from './small-scans.fixture.js';

let clip: Clip;
let values: HeadValues;
const scan = domeScan('test');
beforeAll(async () => {
  await startBackend('wasm');
  clip = await tinyClip();
  const detector = await fitClip3d(clip, [domeScan('a')], { ...tinyOptions, epochs: 2 });
  values = await detector.readValues();
  detector.dispose();
});
afterAll(async () => clip.dispose());

/** The same weights under other options of scoring. */
const detectorWith = (given: PartialClip3dConfig = {}) =>
  createClip3dDetector(clip, values, clip3dConfig({ ...tinyOptions, ...given }));

async function scoreWith(given: PartialClip3dConfig = {}) {
  const detector = detectorWith(given);
  try {
    return await detector.predict(scan);
  } finally {
    detector.dispose();
  }
}

const largest = (map: { data: Float32Array }) => Math.max(...map.data);

test('a probability is the softmax of both cosines over tau (Eqs. 16 and 17)', async () => {
  // Cosines 0.6 with the normal text, 0.8 with the anomalous one.
  const probability = tf.tidy(() =>
    anomalousProbability(
      tf.tensor2d([[3, 4]]),
      tf.tensor2d([
        [2, 0],
        [0, 5],
      ]),
      0.07,
    ),
  );
  expect((await probability.data())[0]).toBeCloseTo(1 / (1 + Math.exp(-0.2 / 0.07)), 6);
  probability.dispose();
});

test('the score is the probability plus the largest value of the map, in [0, 2] (Eq. 18)', async () => {
  const { imageScore, probability, anomalyMap } = await scoreWith();
  expect(anomalyMap.shape).toEqual([8, 8]);
  expect(imageScore).toBeCloseTo(probability + largest(anomalyMap), 6);
  expect(probability).toBeGreaterThan(0);
  expect(probability).toBeLessThan(1);
});

test('the maximum of the patches is at least that of the map between them', async () => {
  const [upsampled, patch] = [await scoreWith(), await scoreWith({ maxOn: 'patch' })];
  expect(patch.probability).toBe(upsampled.probability);
  // The corner pixels of a half-pixel-centred map are the corner patches themselves.
  expect(patch.imageScore).toBeCloseTo(upsampled.imageScore, 5);
  expect(patch.anomalyMap.data).toEqual(upsampled.anomalyMap.data);
});

test('a smoothed map is flatter, and the score takes its maximum', async () => {
  const [sharp, smooth] = [await scoreWith(), await scoreWith({ smoothSigma: 3 })];
  expect(largest(smooth.anomalyMap)).toBeLessThan(largest(sharp.anomalyMap));
  expect(smooth.imageScore).toBeCloseTo(smooth.probability + largest(smooth.anomalyMap), 6);
});

test('maps come at any size, and on the pixels of the scan', async () => {
  const { anomalyMap } = await scoreWith();
  expect((await scoreWith({ evalSize: 20 })).anomalyMap.data).toEqual(interpolate(anomalyMap, 20, 20).data);
  expect((await scoreWith({ evalSize: 'native' })).anomalyMap.data).toEqual(
    interpolate(anomalyMap, 24, 24).data,
  );
});

test('a scan and what was prepared of it score alike, and nothing is left', async () => {
  const detector = detectorWith();
  const before = tf.memory().numTensors;
  const [direct, prepared] = [await detector.predict(scan), await detector.predict(detector.prepare(scan))];
  expect(prepared.anomalyMap.data).toEqual(direct.anomalyMap.data);
  expect(prepared.imageScore).toBe(direct.imageScore);
  expect(tf.memory().numTensors).toBe(before);
  detector.dispose();
  detector.dispose();
  await expect(detector.predict(scan)).rejects.toThrow(/not been disposed/);
});

test('every seen pixel of a view can change the score: the views are looked at', async () => {
  const detector = detectorWith();
  const sample = detector.prepare(scan);
  const { views } = sample;
  if (!views) throw new Error('no views');
  const inverted = { ...views, renderings: views.renderings.map((value) => 255 - value) };
  const changed = await detector.predict({ ...sample, views: inverted });
  expect(changed.imageScore).not.toBeCloseTo((await detector.predict(sample)).imageScore, 4);
  detector.dispose();
});

test('samples and models that do not fit are refused', async () => {
  const detector = detectorWith();
  const { views: _, ...withoutViews } = detector.prepare(scan);
  await expect(detector.predict(withoutViews)).rejects.toThrow(ArgumentError);
  const other = { ...scan, image: ndarray(new Uint8Array(20 * 24 * 3), [20, 24, 3]) };
  await expect(detector.predict(other)).rejects.toThrow(ShapeError);
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  await expect(detector.predict(scan, { signal: controller.signal })).rejects.toThrow('enough');
  detector.dispose();
});

describe('cleaning', () => {
  // A plane 60 mm behind the top of the dome, on a 30 × 40 grid.
  const onPlane = (() => {
    const xyz = new Float32Array(30 * 40 * 3);
    const image = ndarray(new Uint8Array(30 * 40 * 3).fill(200), [30, 40, 3]);
    const mask = createMask(30, 40);
    for (let pixel = 0; pixel < 30 * 40; pixel++) {
      const [row, column] = [Math.floor(pixel / 40), pixel % 40];
      xyz.set([(column - 19.6) * 0.002, (row - 14.6) * 0.002, 0.45 + 1e-5 * (pixel % 7)], 3 * pixel);
      const [i, j] = [row - 3, column - 8];
      if (i < 0 || i > 23 || j < 0 || j > 23 || scan.organised.xyz.get(i, j, 2) === 0) continue;
      xyz[3 * pixel + 2] = scan.organised.xyz.get(i, j, 2) + 0.01;
      for (let channel = 0; channel < 3; channel++)
        image.set(row, column, channel, scan.image.get(i, j, channel));
      mask.set(row, column, 1);
    }
    return { organised: { xyz: ndarray(xyz, [30, 40, 3]) }, image, mask };
  })();

  test.each(['plane-removal', 'corner-plane'] as const)(
    '%s leaves the object in a padded square, and maps on the pixels of the scan lie over it',
    async (preprocess: Clip3dConfig['preprocess']) => {
      const detector = detectorWith({ preprocess, evalSize: 'native' });
      const { image, foreground, source } = detector.prepare(onPlane);
      expect(image.shape).toEqual([100, 100, 3]);
      expect(source).toEqual({ height: 30, width: 40, top: 35, left: 30 });
      let agreeing = 0;
      for (let pixel = 0; pixel < 30 * 40; pixel++) {
        const [row, column] = [Math.floor(pixel / 40), pixel % 40];
        const inside = foreground.get(row + 35, column + 30);
        agreeing += Number(inside === onPlane.mask.get(row, column));
        expect(image.get(row + 35, column + 30, 0) > 0).toBe(inside === 1);
      }
      expect(agreeing).toBeGreaterThan(0.97 * 30 * 40);
      expect((await detector.predict(onPlane)).anomalyMap.shape).toEqual([30, 40]);
      expect(detector.toMapGrid(onPlane.mask).data).toEqual(onPlane.mask.data);
      detector.dispose();
    },
  );

  test('with maskRgb false the image keeps its background', () => {
    const detector = detectorWith({ maskRgb: false, preprocess: 'plane-removal' });
    expect(detector.prepare(onPlane).image.get(35, 30, 0)).toBe(200);
    expect(detector.prepare(onPlane).image.get(0, 0, 0)).toBe(0);
    detector.dispose();
  });

  test('the mask of a scan comes padded and resized to the map', () => {
    const detector = detectorWith({ preprocess: 'plane-removal', evalSize: 50 });
    const mask = detector.toMapGrid(onPlane.mask);
    expect(mask.shape).toEqual([50, 50]);
    expect(mask.get(25, 25)).toBe(1);
    expect(mask.get(25, 5)).toBe(0);
    detector.dispose();
  });
});
