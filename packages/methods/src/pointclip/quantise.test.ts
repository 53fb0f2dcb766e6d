import { expect, test } from 'vitest';
import { quantise } from './quantise.js';

test('points of a cube get the cells and values worked out by hand', () => {
  // Centre (1, 1, 1), largest side 2. x = −1 … 1 takes 0.1 … 0.9 of 112 rows: ⌈11.2⌉ = 12, ⌈56⌉ = 56, ⌈100.8⌉ = 101.
  // z = −1, 0, 1: (0.2, 0.7, 1.2) / 1.2 · 6 = 1, 3.5, 6.
  const { rows, columns, bins, values } = quantise(Float32Array.of(0, 2, 0, 1, 1, 1, 2, 0, 2));
  expect([...rows]).toEqual([12, 56, 101]);
  expect([...columns]).toEqual([101, 56, 12]);
  expect([...bins]).toEqual([1, 4, 6]);
  for (const [point, value] of [1, 3.5, 6].entries()) expect(values[point]).toBeCloseTo(value, 6);
});

test('the largest side alone decides the scale', () => {
  const { rows, columns } = quantise(Float32Array.of(0, 0, 0, 4, 1, 0));
  expect([...rows]).toEqual([12, 101]);
  expect([...columns]).toEqual([45, 68]); // (1 ∓ 0.2) / 2 · 112 = 44.8, 67.2
});

test('a single point lies in the middle, and no points are fine', () => {
  const { rows, columns, bins } = quantise(Float32Array.of(5, 6, 7));
  expect([rows[0], columns[0], bins[0]]).toEqual([56, 56, 4]);
  expect(quantise(new Float32Array()).rows).toHaveLength(0);
});
