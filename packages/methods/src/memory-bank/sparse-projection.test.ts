import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { projectedDimension, sparseProjection } from './sparse-projection.js';

test.each([
  ['bagel', 191296, 300],
  ['cable_gland', 174832, 298],
  ['carrot', 224224, 304],
  ['cookie', 164640, 296],
  ['dowel', 225792, 304],
  ['foam', 185024, 299],
  ['peach', 283024, 309],
  ['potato', 235200, 305],
  ['rope', 233632, 305],
])('the dimension for the %s bank of MVTec 3D-AD is the published one', (_, n, dimension) => {
  expect(projectedDimension(n)).toBe(dimension);
});

test('rows already short enough come back as they are', () => {
  const rows = new Float32Array(33 * 100);
  expect(sparseProjection(rows, 33, { rng: createRng(0) })).toEqual({ rows, dimension: 33 });
  expect(sparseProjection(rows, 33, { rng: createRng(0) }).rows).toBe(rows);
});

test('is one linear map for all rows, of the published density and size of entries', () => {
  const dimension = 900;
  const identity = new Float32Array(dimension * dimension);
  for (let i = 0; i < dimension; i++) identity[i * dimension + i] = 1;
  const { rows, dimension: target } = sparseProjection(identity, dimension, { rng: createRng(3) });
  expect(target).toBe(projectedDimension(900)); // 167: the projected unit vectors are the matrix's columns

  const size = Math.sqrt(Math.sqrt(dimension)) / Math.sqrt(target);
  const positive = rows.filter((value) => value > 0);
  const negative = rows.filter((value) => value < 0);
  for (const value of rows) if (value !== 0) expect(Math.abs(value)).toBeCloseTo(size, 6);
  expect((positive.length + negative.length) / rows.length).toBeCloseTo(1 / Math.sqrt(dimension), 2);
  expect(positive.length / (positive.length + negative.length)).toBeCloseTo(0.5, 1);
});

test('keeps squared lengths on average', () => {
  const rng = createRng(4);
  const dimension = 400;
  const rows = Float32Array.from({ length: 50 * dimension }, () => rng.normal());
  const projected = sparseProjection(rows, dimension, { rng: createRng(5) });
  const energy = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  expect(energy(projected.rows) / energy(rows)).toBeCloseTo(1, 1);
});

test('the same seed gives the same projection, another seed another', () => {
  const rows = new Float32Array(3 * 600).fill(1);
  const projected = (seed: number) => sparseProjection(rows, 600, { rng: createRng(seed) });
  expect(projected(1).dimension).toBe(27); // ⌊4 ln 3 / 0.162⌋
  expect(projected(1)).toEqual(projected(1));
  expect(projected(1)).not.toEqual(projected(2));
});

test('a single row needs no projection', () => {
  const rows = new Float32Array(600).fill(1);
  expect(sparseProjection(rows, 600, { rng: createRng(1) }).rows).toBe(rows);
});

test('refuses an eps outside (0, 1)', () => {
  expect(() => projectedDimension(100, 1)).toThrow('eps in (0, 1), got 1');
  expect(() => projectedDimension(100, 0)).toThrow('eps in (0, 1), got 0');
});
