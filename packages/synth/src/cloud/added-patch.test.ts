import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import ndarray, { type NdArray } from 'ndarray';
import { expect, test } from 'vitest';
import { addedPatch } from './added-patch.js';
import { cloudOf, sphere } from './clouds.fixture.js';
import { indexSurface, nearestPoints } from './surface-index.js';

const surface = indexSurface(sphere(5000));

/** A blob of points far from the surface, as another class's scan would have it. */
function donor(count: number, size: number, seed = 1) {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: 3 * count }, () => 10 + size * rng.normal());
  return ndarray(values, [count, 3]);
}

test('a patch has 64 points, 8 to 56 of them donated, the others from the surface and nearest to its centre', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom('none' as const, 'z' as const, 'so3' as const),
      (seed, donorRotation) => {
        const { positions, mask, ok } = addedPatch(surface, [[donor(50, 0.05)]], createRng(seed), {
          donorRotation,
        });
        expect(positions.shape).toEqual([64, 3]);
        const donated = mask.reduce((sum, value) => sum + value, 0);
        expect(ok).toBe(true);
        expect(donated).toBeGreaterThanOrEqual(8);
        expect(donated).toBeLessThanOrEqual(56);
        const onSurface = Array.from({ length: 64 }, (_, i) => i).filter((i) => mask[i] === 0);
        for (const i of onSurface) {
          const point = [0, 1, 2].map((axis) => positions.get(i, axis));
          expect(nearestPoints(surface, point, 1).squaredDistances[0]).toBe(0);
        }
      },
    ),
    { seed: 5 },
  );
});

test('donated points keep their shape: distances are those of the donor, or half or twice of them', () => {
  const given = donor(12, 0.05);
  const { positions, mask } = addedPatch(surface, [[given]], createRng(3), { donorRotation: 'so3' });
  const donated = Array.from({ length: 64 }, (_, i) => i).filter((i) => mask[i] === 1);
  const gaps = (points: NdArray<Float32Array>, rows: number[]) =>
    rows.flatMap((a) =>
      rows.map((b) => Math.hypot(...[0, 1, 2].map((axis) => points.get(a, axis) - points.get(b, axis)))),
    );
  const all = gaps(
    given,
    Array.from({ length: 12 }, (_, i) => i),
  );
  for (const gap of gaps(positions, donated)) {
    expect(Math.min(...all.flatMap((d) => [0.5, 1, 2].map((f) => Math.abs(f * d - gap))))).toBeLessThan(1e-5);
  }
});

test('donors that are too large shrink, those that are too small grow', () => {
  const large = addedPatch(surface, [[donor(50, 1)]], createRng(4));
  const small = addedPatch(surface, [[donor(300, 0.0005)]], createRng(4), { maxAnomalyPoints: 40 });
  expect(large.ok).toBe(true);
  expect(small.ok).toBe(false); // 300 points in a spot: four doublings do not spread them, the patch says so
  expect(small.mask.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(56);
});

test('every donor class is equally likely, however many samples it has', () => {
  const near = donor(20, 0.02);
  const far = ndarray(
    donor(20, 0.02, 2).data.map((value) => value * 1),
    [20, 3],
  );
  // Classes are told apart by the size of their blobs.
  const wide = ndarray(
    near.data.map((value) => 10 + 4 * (value - 10)),
    [20, 3],
  );
  const classes = [[near, near, near, far, far, far], [wide]];
  let wides = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { positions, mask } = addedPatch(surface, classes, createRng(seed));
    const rows = Array.from(mask.keys()).filter((i) => mask[i] === 1);
    const spread = Math.max(
      ...rows.map((i) =>
        Math.hypot(...[0, 1, 2].map((axis) => positions.get(i, axis) - positions.get(rows[0], axis))),
      ),
    );
    if (spread > 0.13) wides++;
  }
  expect(Math.abs(wides - 100)).toBeLessThan(30);
});

test('the same stream gives the same patch', () => {
  const make = (seed: number) => addedPatch(surface, [[donor(50, 0.05)]], createRng(1).fork('patch', seed));
  expect(contiguous(make(1).positions)).toEqual(contiguous(make(1).positions));
  expect(contiguous(make(1).positions)).not.toEqual(contiguous(make(2).positions));
});

test('surfaces of one or two points give patches that repeat; empty surfaces and poor donors are refused', () => {
  for (const triples of [
    [1, 2, 3],
    [1, 2, 3, 4, 5, 6],
  ]) {
    const { positions, mask } = addedPatch(indexSurface(cloudOf(triples)), [[donor(10, 0.1)]], createRng(1));
    expect(positions.shape).toEqual([64, 3]);
    expect(mask).toContain(1);
  }
  const rng = createRng(1);
  expect(() => addedPatch(indexSurface(cloudOf([])), [[donor(10, 1)]], rng)).toThrow(ArgumentError);
  expect(() => addedPatch(surface, [[donor(7, 1)]], rng)).toThrow(
    'addedPatch: expected a donor with at least 8 points, got "1 donors with fewer"; raise the share',
  );
  expect(() => addedPatch(surface, [], rng)).toThrow(ArgumentError);
  const nan = donor(10, 1);
  nan.set(3, 1, Number.NaN);
  expect(() => addedPatch(surface, [[nan]], rng)).toThrow(ArgumentError);
  expect(() => addedPatch(surface, [[ndarray(new Float32Array(20), [10, 2])]], rng)).toThrow(ShapeError);
  expect(() => addedPatch(surface, [[donor(10, 1)]], rng, { minAnomalyPoints: 60 })).toThrow(ArgumentError);
});
