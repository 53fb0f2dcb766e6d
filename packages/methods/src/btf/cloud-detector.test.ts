import { ArgumentError, FormatError, type PointCloud, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { plantDefect } from '@anomclip/synth/cloud';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { auroc } from '../testing/auroc.js';
import { loadBtf } from './btf-detector.js';
import { loadBtfCloud } from './cloud-detector.js';
import { fitBtfCloud } from './cloud-fit.js';

/** A wavy sheet of about one by one, `count` points, normals upwards. */
function sheet(seed: string, count = 3000): PointCloud {
  const rng = createRng(seed);
  const positions = new Float32Array(3 * count);
  const normals = new Float32Array(3 * count);
  for (let i = 0; i < 3 * count; i += 3) {
    const [x, y] = [rng.uniform(), rng.uniform()];
    positions.set([x, y, 0.05 * Math.sin(6 * x) * Math.cos(5 * y) + 0.001 * rng.normal()], i);
    normals[i + 2] = 1;
  }
  return { positions: ndarray(positions, [count, 3]), normals: ndarray(normals, [count, 3]) };
}

const training = [sheet('a'), sheet('b')];
const bulge = plantDefect(sheet('c'), 'bulge', createRng('bulge'), { centre: 5, radius: 0.12 });
const config = { normalOrientation: 'given', smoothNeighbours: 20 } as const;

test('finds a bulge on a sheet from other sheets', async () => {
  const detector = await fitBtfCloud(training, config);
  const { pointScores, imageScore, anomalyMap } = await detector.predict(bulge.cloud);
  const normal = await detector.predict(sheet('c'));
  expect(detector.bankSize).toBe(600);
  expect(anomalyMap).toBeUndefined();
  expect(auroc(pointScores ?? new Float32Array(), bulge.mask)).toBeGreaterThan(0.9);
  expect(imageScore).toBeGreaterThan(normal.imageScore);
});

test('the voxel comes from the first training cloud, six times the distance between neighbours', async () => {
  const positions = ndarray(
    Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 0.5 * (i / 3) : 1)),
    [100, 3],
  );
  const detector = await fitBtfCloud([{ positions }, sheet('a')]);
  expect(detector.config.voxel).toBeCloseTo(3, 9);
  expect((await fitBtfCloud([{ positions }], { voxel: 0.5 })).config.voxel).toBe(0.5);
});

test('gives the same prediction after save and load', async () => {
  const detector = await fitBtfCloud(training, { ...config, scoreEvery: 3 });
  const bytes = detector.save();
  const loaded = loadBtfCloud(bytes);
  expect(loaded.config).toEqual(detector.config);
  expect(await loaded.predict(bulge.cloud)).toEqual(await detector.predict(bulge.cloud));
  expect(() => loadBtf(bytes)).toThrow(FormatError);
});

test('points that are not scored take the score of the nearest one that is', async () => {
  const detector = await fitBtfCloud(training, { ...config, scoreEvery: 4, smoothNeighbours: 1 });
  const all = await (await fitBtfCloud(training, { ...config, smoothNeighbours: 1 })).predict(bulge.cloud);
  const some = await detector.predict(bulge.cloud);
  const points = bulge.cloud.positions.data;
  for (const point of [0, 1, 2, 3, 1998]) {
    let [nearest, smallest] = [-1, Infinity];
    for (let scored = 0; scored < 3000; scored += 4) {
      const offset = [0, 1, 2].map((axis) => points[3 * point + axis] - points[3 * scored + axis]);
      const distance = Math.hypot(...offset);
      if (distance < smallest) [nearest, smallest] = [scored, distance];
    }
    expect(some.pointScores?.[point]).toBe(all.pointScores?.[nearest]);
  }
});

test('the bank takes every n-th point of each cloud', async () => {
  const detector = await fitBtfCloud(training, { bankEvery: 7, coresetRatio: 1 });
  expect(detector.bankSize).toBe(2 * Math.ceil(3000 / 7));
});

test('smoothing is the mean over the nearest points: over all of them, one number', async () => {
  const detector = await fitBtfCloud(training, { smoothNeighbours: 5000 });
  const plain = await (await fitBtfCloud(training)).predict(bulge.cloud);
  const { pointScores = new Float32Array() } = await detector.predict(bulge.cloud);
  const mean = (plain.pointScores ?? new Float32Array()).reduce((sum, score) => sum + score, 0) / 3000;
  for (const score of pointScores) expect(score).toBeCloseTo(mean, 3);
});

test('clouds of no point, one point and equal points have scores', async () => {
  const detector = await fitBtfCloud(training, { smoothNeighbours: 4 });
  const cloud = (count: number) => ({
    positions: ndarray(new Float32Array(3 * count).fill(0.5), [count, 3]),
  });
  expect(await detector.predict(cloud(0))).toEqual({ imageScore: 0, pointScores: new Float32Array() });
  for (const count of [1, 50]) {
    const { imageScore, pointScores = new Float32Array() } = await detector.predict(cloud(count));
    expect(pointScores.length).toBe(count);
    expect(new Set(pointScores).size).toBe(1);
    expect(imageScore).toBeGreaterThan(0);
  }
  expect((await fitBtfCloud([cloud(1)])).config.voxel).toBe(6);
});

test('refuses what it cannot work with', async () => {
  const none = { positions: ndarray(new Float32Array(), [0, 3]) };
  const bare = { positions: training[0].positions };
  const flat = { positions: ndarray(new Float32Array(4), [2, 2]) };
  const broken = { positions: ndarray(Float32Array.of(0, Number.NaN, 0), [1, 3]) };
  await expect(fitBtfCloud([])).rejects.toThrow('at least one normal sample');
  await expect(fitBtfCloud([none])).rejects.toThrow('sample 0 without any');
  await expect(fitBtfCloud([bare], { normalOrientation: 'given' })).rejects.toThrow('clouds with normals');
  const detector = await fitBtfCloud(training);
  await expect(detector.predict(flat)).rejects.toThrow(ShapeError);
  await expect(detector.predict(broken)).rejects.toThrow(ArgumentError);
  detector.dispose();
  await expect(detector.predict(bare)).rejects.toThrow('has not been disposed');
});
