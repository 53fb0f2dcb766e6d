import { ArgumentError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cloudOf, plate, sphere } from './clouds.fixture.js';
import { removedPatch } from './removed-patch.js';
import { indexSurface } from './surface-index.js';

const surface = indexSurface(sphere(5000));
const rowsOf = (values: Float32Array) =>
  Array.from({ length: values.length / 3 }, (_, i) => values.subarray(3 * i, 3 * i + 3).join());

test('64 different points of the surface are left, of 86 to 256 around the anchor', () => {
  const all = new Set(rowsOf(surface.points));
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom('random' as const, 'hole' as const, 'mixed' as const),
      (seed, removeMode) => {
        const { positions, removed } = removedPatch(surface, createRng(seed), { removeMode });
        const rows = rowsOf(contiguous(positions));
        expect(new Set(rows).size).toBe(64);
        expect(rows.every((row) => all.has(row))).toBe(true);
        expect(removed.length + 64).toBeGreaterThanOrEqual(86);
        expect(removed.length + 64).toBeLessThanOrEqual(256);
        const gone = new Set(Array.from(removed, (i) => surface.points.subarray(3 * i, 3 * i + 3).join()));
        expect(rows.some((row) => gone.has(row))).toBe(false);
      },
    ),
    { seed: 6 },
  );
});

test('a hole is empty: of the points around the anchor, those nearest to one of them are gone', () => {
  const flat = indexSurface(plate(3000));
  const options = { removeMode: 'hole', removeRatio: [0.4, 0.4] } as const;
  const { removed, positions } = removedPatch(flat, createRng(7), options);
  const squared = (place: ArrayLike<number>, x: number, y: number) =>
    (place[0] - x) ** 2 + (place[1] - y) ** 2;
  const isMiddle = (middle: number) => {
    const place = flat.points.subarray(3 * middle, 3 * middle + 3);
    const reach = Math.max(
      ...Array.from(removed, (i) => squared(place, flat.points[3 * i], flat.points[3 * i + 1])),
    );
    return Array.from({ length: 64 }, (_, i) => i).every(
      (i) => squared(place, positions.get(i, 0), positions.get(i, 1)) >= reach,
    );
  };
  expect(Array.from(removed).some(isMiddle)).toBe(true);
});

test('the same stream gives the same patch', () => {
  const make = (seed: number) => contiguous(removedPatch(surface, createRng(seed)).positions);
  expect(make(1)).toEqual(make(1));
  expect(make(1)).not.toEqual(make(2));
});

test('small clouds lose the same share and repeat; empty ones are refused', () => {
  const few = removedPatch(indexSurface(plate(40)), createRng(1), { removeRatio: [0.5, 0.5] });
  expect(few.removed).toHaveLength(20);
  expect(new Set(rowsOf(contiguous(few.positions))).size).toBe(20);
  const one = removedPatch(indexSurface(cloudOf([1, 2, 3])), createRng(1));
  expect(new Set(rowsOf(contiguous(one.positions)))).toEqual(new Set(['1,2,3']));
  expect(removedPatch(indexSurface(cloudOf([1, 2, 3, 4, 5, 6])), createRng(1)).positions.shape).toEqual([
    64, 3,
  ]);
  const empty = indexSurface(cloudOf([Number.NaN, 1, 1]));
  expect(() => removedPatch(empty, createRng(1))).toThrow(ArgumentError);
  expect(() => removedPatch(surface, createRng(1), { removeRatio: [0.5, 1] })).toThrow(ArgumentError);
  expect(() => removedPatch(surface, createRng(1), { patchPoints: 0 })).toThrow(ArgumentError);
});
