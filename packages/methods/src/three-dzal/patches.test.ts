import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { threeDzalPresets } from './config.js';
import { cellPatches, networkPatches, patchRadius } from './patches.js';

const config = { ...threeDzalPresets.paper, size: 32, patches: 4 };
/** A tilted plane; the cell in the last row and column has `last` points. */
function plane(last: number) {
  const xyz = ndarray(new Float32Array(32 * 32 * 3), [32, 32, 3]);
  for (let row = 0; row < 32; row++) {
    for (let column = 0; column < 32; column++) {
      const inLast = row >= 24 && column >= 24;
      if (inLast && (row - 24) * 8 + column - 24 >= last) continue;
      xyz.set(row, column, 0, 1 + row / 100);
      xyz.set(row, column, 1, 1 + column / 100);
      xyz.set(row, column, 2, 2 + row / 200);
    }
  }
  return { xyz };
}

test('a cell has its 64 points in raster order, and cells with too few are left out', () => {
  const patches = cellPatches(plane(7), config);
  expect(patches.map(({ cell }) => cell)).toEqual([...Array(15).keys()]);
  expect(patches[5].measured).toBe(64);
  expect([...patches[5].points.subarray(0, 3)]).toEqual([...Float32Array.of(1.08, 1.08, 2.04)]);
  expect([...patches[5].points.subarray(-3)]).toEqual([...Float32Array.of(1.15, 1.15, 2.075)]);
  expect(cellPatches(plane(8), config).at(-1)).toMatchObject({ cell: 15, measured: 8 });
});

test('knn fills a cell from around it', () => {
  const patch = cellPatches(plane(20), { ...config, patchSampling: 'knn' }).at(-1);
  expect(patch).toMatchObject({ cell: 15, measured: 20 });
  expect(patch?.points.length).toBe(3 * 64);
});

test('the networks see the unit sphere, whatever place, size and unit a patch has', () => {
  const [patch] = cellPatches(plane(64), config);
  const seen = (points: Float32Array) => networkPatches([points], config, () => createRng('order'), 1).points;
  const radii = Array.from({ length: 64 }, (_, i) =>
    Math.hypot(...seen(patch.points).subarray(3 * i, 3 * i + 3)),
  );
  expect(Math.max(...radii)).toBeCloseTo(1, 5);
  const elsewhere = seen(patch.points.map((value) => 1000 * value));
  expect(largestDifference(elsewhere, seen(patch.points))).toBeLessThan(1e-3);
});

test('points are repeated as often as needed, in any order, and copies name each other', () => {
  const points = Float32Array.from({ length: 30 }, (_, i) => i * i);
  const { points: seen, copies } = networkPatches([points], config, () => createRng('order'), 1);
  const times = new Map<number, number>();
  for (const copy of copies) times.set(copy, (times.get(copy) ?? 0) + 1);
  expect([...times.values()].sort()).toEqual([6, 6, 6, 6, 6, 6, 7, 7, 7, 7]);
  copies.forEach((copy, i) => {
    expect([...seen.subarray(3 * i, 3 * i + 3)]).toEqual([...seen.subarray(3 * copy, 3 * copy + 3)]);
  });
});

test('class-scale divides by the class’s radius, center keeps metres, none keeps the place', () => {
  const [patch] = cellPatches(plane(64), config);
  const largest = (patchNormalization: 'class-scale' | 'center' | 'none') => {
    const settings = { ...config, patchNormalization };
    const { points } = networkPatches([patch.points], settings, () => createRng(0), 0.5);
    return Math.max(
      ...Array.from({ length: 64 }, (_, i) => Math.hypot(...points.subarray(3 * i, 3 * i + 3))),
    );
  };
  const radius = patchRadius(patch);
  expect(largest('class-scale')).toBeCloseTo(2 * radius, 6);
  expect(largest('center')).toBeCloseTo(radius, 6);
  expect(largest('none')).toBeGreaterThan(2);
});
