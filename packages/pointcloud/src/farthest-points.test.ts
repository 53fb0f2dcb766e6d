import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { farthestPoints } from './farthest-points.js';
import { examplePoints } from './testing/example-points.js';
import { goldenPath, goldenPoints, readGolden } from './testing/golden.js';

describe('farthestPoints', () => {
  test('the first eight of the 6 × 6 example', () => {
    expect([...farthestPoints(examplePoints(), 8)]).toEqual([0, 35, 5, 30, 15, 27, 18, 2]);
  });

  test('every point is the farthest from those before it, the lowest index on ties', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), fc.nat(), (seed, count, start) => {
        const rng = createRng(seed);
        const points = Float64Array.from({ length: 3 * count }, () => rng.integer(0, 4)); // many ties
        const squaredDistance = (i: number, j: number) =>
          [0, 1, 2].reduce((sum, axis) => sum + (points[3 * i + axis] - points[3 * j + axis]) ** 2, 0);
        const expected = [start % count];
        while (expected.length < count) {
          const open = Array.from({ length: count }, (_, i) => i).filter((i) => !expected.includes(i));
          const gaps = open.map((i) => Math.min(...expected.map((j) => squaredDistance(i, j))));
          expected.push(open[gaps.indexOf(Math.max(...gaps))]);
        }
        expect([...farthestPoints(points, count, { start: start % count })]).toEqual(expected);
      }),
      { seed: 6 },
    );
  });

  test('more points than there are: all of them, and index 0 again only with pad', () => {
    const points = Float32Array.of(0, 0, 0, 1, 0, 0, 5, 0, 0);
    expect([...farthestPoints(points, 5)]).toEqual([0, 2, 1]);
    expect([...farthestPoints(points, 5, { pad: true })]).toEqual([0, 2, 1, 0, 0]);
    expect([...farthestPoints(points, 2, { pad: true })]).toEqual([0, 2]);
  });

  test('equal points are all returned', () => {
    expect([...farthestPoints(new Float32Array(9).fill(2), 3, { start: 1 })]).toEqual([1, 0, 2]);
  });

  test('an empty cloud gives nothing, and cannot be padded', () => {
    expect(farthestPoints(new Float32Array(0), 4)).toHaveLength(0);
    expect(() => farthestPoints(new Float32Array(0), 4, { pad: true })).toThrow(ArgumentError);
  });

  test('refuses a start outside the cloud and a negative m', () => {
    expect(() => farthestPoints(examplePoints(), 3, { start: 36 })).toThrow(ArgumentError);
    expect(() => farthestPoints(examplePoints(), -1)).toThrow(ArgumentError);
  });

  test.skipIf(!goldenPath)('equals Open3D on the golden scan (skipped without ../shared)', () => {
    const expected = readGolden('fps_40_points');
    const points = goldenPoints();
    const chosen = farthestPoints(points, expected.shape[0]);
    // The reference lists the chosen points in the order of the cloud.
    const positions = [...chosen.sort()].flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]);
    expect(positions).toEqual(Array.from(expected.values, Math.fround));
  });
});
