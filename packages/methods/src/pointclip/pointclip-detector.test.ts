import { ArgumentError } from '@anomclip/core';
import { setUpBackend } from '@anomclip/core/backend';
import { type Clip, preprocessImages } from '@anomclip/core/clip';
import { gaussianFilter, interpolate } from '@anomclip/core/image';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { smallCloud } from '../../../pointcloud/src/views/small-cloud.fixture.js';
import { SMALL_CLIP_SIZE, smallClip } from '../testing/small-clip.js';
import { createPointclip } from './pointclip-detector.js';
import { projectCloud } from './project-cloud.js';

test('every point lies where its view shows it, and the nearest of a pixel is visible', () => {
  // Two points; the box is centred between them, so the fifth view (a turn about z and a little about y) parts them in y.
  const cloud = { positions: Float32Array.of(-1, 0, 0, 1, 0, 0), foreground: Uint8Array.of(1, 1) };
  const { images, correspondences } = projectCloud(cloud, 110);
  expect(images).toHaveLength(10);
  expect(images[0].shape).toEqual([110, 110, 3]);
  const { pixels, pointCount, visible } = correspondences;
  const view = 4;
  for (const point of [0, 1]) {
    const at = view * pointCount + point;
    const [column, row] = [pixels[2 * at], pixels[2 * at + 1]];
    expect([row, column]).toEqual([55, point === 0 ? 11 : 100]); // cells 56 and 12, 101
    expect(images[view].get(row, column, 0)).toBeLessThan(5); // dark: a point is there
    expect(visible[at]).toBe(1);
  }
  expect(images[view].get(20, 55, 0)).toBe(255);
});

test('background has no pixel, and a cloud without points is white', () => {
  const empty = { positions: new Float32Array(6), foreground: new Uint8Array(2) };
  const { images, correspondences } = projectCloud(empty, 16);
  expect(images[9].data.every((value) => value === 255)).toBe(true);
  expect(correspondences.visible.every((flag) => flag === 0)).toBe(true);
});

describe.each(['cpu', 'wasm'] as const)('PointCLIP on %s', (backend) => {
  let clip: Clip;
  beforeAll(async () => {
    await setUpBackend(backend);
    clip = await smallClip();
  });

  test('scores are the softmax of mean cosines, and the mean of visible maps at the points', async () => {
    const before = tf.memory().numTensors;
    const text = { data: Float32Array.of(0.6, 0, 0.8, 0, 0, 0, 0, 1, 0, 0, 0, 0), width: 6 };
    const detector = await createPointclip(clip, text);
    const cloud = smallCloud();
    const { imageScore, pointScores, anomalyMap } = await detector.predict(cloud);
    const { images, correspondences } = projectCloud(cloud, SMALL_CLIP_SIZE);
    const expected = await cosinesByHand(clip, images, text.data);
    const probability = (normal: number, anomalous: number) =>
      1 / (1 + Math.exp((normal - anomalous) / 0.07));
    expect(imageScore).toBeCloseTo(probability(...meanRow(expected.views)), 5);
    const maps = expected.patches.map((rows) => {
      const grid = Float32Array.from(rows, ([normal, anomalous]) => probability(normal, anomalous));
      return interpolate(ndarray(grid, [4, 4]), SMALL_CLIP_SIZE, SMALL_CLIP_SIZE);
    });
    const { pixels, visible, pointCount, foreground } = correspondences;
    const byHand = Float32Array.from(foreground, (flag, point) => {
      let [sum, count] = [0, 0];
      for (const [view, map] of maps.entries()) {
        const at = view * pointCount + point;
        sum += visible[at] * map.get(pixels[2 * at + 1], pixels[2 * at]);
        count += visible[at];
      }
      return flag ? sum / count : 0;
    });
    expect(largestDifference(pointScores, byHand)).toBeLessThan(1e-5);
    expect(anomalyMap?.shape).toEqual([24, 24]);

    const smoothed = await createPointclip(clip, text, { sigma: 2 });
    const blurred = gaussianFilter(ndarray(byHand, [24, 24]), 2).data;
    expect(largestDifference((await smoothed.predict(cloud)).pointScores, blurred)).toBeLessThan(1e-5);
    const { grid: _, ...loose } = cloud;
    expect((await detector.predict(loose)).anomalyMap).toBeUndefined();
    for (const each of [detector, smoothed]) each.dispose();
    await expect(detector.predict(cloud)).rejects.toThrow(/has not been disposed/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names become the two prompts; what cannot work is refused', async () => {
    const before = tf.memory().numTensors;
    const detector = await createPointclip(clip, 'part', { truncate: true });
    expect(Math.hypot(...detector.text.data.subarray(0, 6))).toBeCloseTo(1, 5);
    await expect(createPointclip(clip, 'a'.repeat(30))).rejects.toThrow(/tokens/);
    await expect(createPointclip(clip, 'part', { temperature: 0, truncate: true })).rejects.toThrow(
      ArgumentError,
    );
    await expect(createPointclip(clip, 'part', { sigma: -1, truncate: true })).rejects.toThrow(ArgumentError);
    const narrow = { data: new Float32Array(4), width: 2 };
    await expect(createPointclip(clip, narrow)).rejects.toThrow(/texts \[2, 6\]/);
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

type Row = [normal: number, anomalous: number];

/** Cosines of views and patches with both texts, straight from the tower. */
async function cosinesByHand(clip: Clip, images: Parameters<typeof preprocessImages>[0], text: Float32Array) {
  const pixels = preprocessImages(images, clip.config);
  const { image, patches } = await clip.vision.encode(pixels, { layers: [3], projectPatches: true });
  const [ofViews, ofPatches] = tf.tidy(() => {
    const classes = tf.tensor2d(text.slice(), [2, 6]);
    return [image, patches.get(3) as tf.Tensor3D].map((embeddings) => {
      const rows = tf.reshape(normalise(embeddings as tf.Tensor), [-1, 6]) as tf.Tensor2D;
      return tf.matMul(rows, classes, false, true);
    });
  });
  const [views, all] = [(await ofViews.array()) as Row[], (await ofPatches.array()) as Row[]];
  tf.dispose([pixels, image, [...patches.values()], ofViews, ofPatches]);
  return { views, patches: views.map((_, view) => all.slice(16 * view, 16 * view + 16)) };
}

function meanRow(rows: Row[]): Row {
  const mean = (i: 0 | 1) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length;
  return [mean(0), mean(1)];
}
