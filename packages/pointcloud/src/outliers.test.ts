import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { radiusInliers, statisticalInliers } from './outliers.js';
import { examplePoints } from './testing/example-points.js';
import { goldenPath, goldenPoints, readGolden } from './testing/golden.js';

const without = (count: number, ...removed: number[]) =>
  Array.from({ length: count }, (_, i) => i).filter((i) => !removed.includes(i));

describe('statisticalInliers', () => {
  test('k = 9, ratio 1 removes the four corners of the 6 × 6 example', () => {
    expect([...statisticalInliers(examplePoints(), { k: 9, ratio: 1 })]).toEqual(without(36, 0, 5, 30, 35));
  });

  test('the limit is μ + ratio·σ with n − 1: five points on a line, worked by hand', () => {
    // k = 2: means 0.5 0.5 0.5 0.5 2 → μ = 0.8, σ² = (4·0.09 + 1.44)/4 = 0.45; 2 < 0.8 + ratio·0.6708 from 1.789.
    const points = Float64Array.from([0, 1, 2, 3, 7].flatMap((x) => [x, 0, 0]));
    expect([...statisticalInliers(points, { k: 2, ratio: 1.78 })]).toEqual([0, 1, 2, 3]);
    expect([...statisticalInliers(points, { k: 2, ratio: 1.8 })]).toEqual([0, 1, 2, 3, 4]);
  });

  test('k copies of a point are removed, and do not count in the mean', () => {
    const points = Float64Array.from([0, 1, 2.5, 9, 9].flatMap((x) => [x, 0, 0]));
    expect([...statisticalInliers(points, { k: 2, ratio: 10 })]).toEqual([0, 1, 2]);
  });

  test('equal distances everywhere remove everything, as do no points and one point', () => {
    expect(statisticalInliers(Float32Array.of(0, 0, 0, 1, 0, 0))).toHaveLength(0);
    expect(statisticalInliers(new Float32Array(0))).toHaveLength(0);
    expect(statisticalInliers(Float32Array.of(1, 2, 3))).toHaveLength(0);
    expect(statisticalInliers(new Float32Array(90).fill(1))).toHaveLength(0);
  });

  test('refuses k 0 and a ratio of 0', () => {
    expect(() => statisticalInliers(examplePoints(), { k: 0 })).toThrow(ArgumentError);
    expect(() => statisticalInliers(examplePoints(), { ratio: 0 })).toThrow(ArgumentError);
  });

  test.skipIf(!goldenPath)('equals Open3D on the golden scan (skipped without ../shared)', () => {
    const expected = readGolden('statistical_inliers_20_2.0').values;
    expect([...statisticalInliers(goldenPoints(), { k: 20, ratio: 2 })]).toEqual([...expected]);
  });
});

describe('radiusInliers', () => {
  test('a point must have more than `count` points strictly within the radius, itself included', () => {
    const points = Float64Array.from([0, 1, 2, 3].flatMap((x) => [x, 0, 0]));
    expect([...radiusInliers(points, { count: 2, radius: 1.5 })]).toEqual([1, 2]);
    expect([...radiusInliers(points, { count: 1, radius: 1.5 })]).toEqual([0, 1, 2, 3]);
    expect([...radiusInliers(points, { count: 1, radius: 1 })]).toEqual([]);
    expect([...radiusInliers(points, { count: 0, radius: 1 })]).toEqual([0, 1, 2, 3]);
  });

  test('equals counting all pairs', () => {
    const clouds = fc.record({
      seed: fc.integer(),
      size: fc.integer({ min: 0, max: 200 }),
      count: fc.integer({ min: 0, max: 30 }),
      radius: fc.constantFrom(0.05, 0.2, 0.5, 1),
    });
    fc.assert(
      fc.property(clouds, ({ seed, size, count, radius }) => {
        const rng = createRng(seed);
        const points = Float64Array.from({ length: 3 * size }, () => Math.round(20 * rng.uniform()) / 20);
        const near = (i: number, j: number) =>
          [0, 1, 2].reduce((sum, axis) => sum + (points[3 * i + axis] - points[3 * j + axis]) ** 2, 0) <
          radius * radius;
        const all = without(size);
        const expected = all.filter((i) => all.filter((j) => near(i, j)).length > count);
        expect([...radiusInliers(points, { count, radius })]).toEqual(expected);
      }),
      { seed: 4 },
    );
  });
});
