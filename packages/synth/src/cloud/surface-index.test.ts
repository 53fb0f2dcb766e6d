import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { cloudOf } from './clouds.fixture.js';
import { indexSurface, nearestPoints } from './surface-index.js';

test('neighbours are those of a full sort by distance and index, on grids with many ties too', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 40 }),
      fc.boolean(),
      (seed, n, count, onGrid) => {
        const rng = createRng(seed);
        const points = Array.from({ length: 3 * n }, () => (onGrid ? rng.integer(0, 5) : rng.normal()));
        const place = onGrid ? [2, 2, 2] : [rng.normal(), rng.normal(), rng.normal()];
        const { positions } = cloudOf(points);
        const distance = (i: number) =>
          [0, 1, 2].reduce((sum, axis) => sum + (positions.get(i, axis) - place[axis]) ** 2, 0);
        const expected = Array.from({ length: n }, (_, i) => i)
          .sort((a, b) => distance(a) - distance(b) || a - b)
          .slice(0, count);
        const found = nearestPoints(indexSurface({ positions }), place, count);
        expect([...found.indices]).toEqual(expected);
        expect([...found.squaredDistances]).toEqual(expected.map(distance));
      },
    ),
    { seed: 4 },
  );
});

test('points that are not finite are never found', () => {
  const surface = indexSurface(cloudOf([Number.NaN, 0, 0, 1, 1, 1, 0, Number.POSITIVE_INFINITY, 0]));
  expect([...nearestPoints(surface, [0, 0, 0], 5).indices]).toEqual([1]);
});

test('arrays that are not [N, 3] and counts that are not whole are refused', () => {
  expect(() => indexSurface({ positions: ndarray(new Float32Array(4), [2, 2]) })).toThrow(ShapeError);
  expect(() => nearestPoints(indexSurface(cloudOf([])), [0, 0, 0], 1.5)).toThrow(ArgumentError);
  expect(nearestPoints(indexSurface(cloudOf([])), [0, 0, 0], 3).indices).toHaveLength(0);
});
