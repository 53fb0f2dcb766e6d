import { ShapeError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { harmonicMean, spreadWindows } from './harmonic-mean.js';

test('windows of 2 × 2 on 3 × 3 patches give the values of the specification', () => {
  const spread = spreadWindows([0.9, 0.6, 0.3, 0.2], 3, 2);
  const expected = [0.9, 0.72, 0.6, 0.45, 0.36, 0.3, 0.3, 0.24, 0.2];
  for (const [patch, value] of expected.entries()) expect(spread[patch]).toBeCloseTo(value, 12);
  expect(() => spreadWindows([1, 2, 3], 3, 2)).toThrow(ShapeError);
});

test('a window of exactly 0 makes its patches 0, and leaves the others alone', () => {
  expect([...spreadWindows([0, 0.5, 0.5, 0.5], 3, 2)]).toEqual([0, 0, 0.5, 0, 0, 0.5, 0.5, 0.5, 0.5]);
});

test('maps and a number for the whole image meet in their harmonic mean', () => {
  const mean = harmonicMean([Float64Array.of(0.5, 0.25, 0), Float64Array.of(1, 0.25, 0.3), 0.5], 3);
  expect(mean[0]).toBeCloseTo(3 / (2 + 1 + 2), 12);
  expect(mean[1]).toBeCloseTo(3 / (4 + 4 + 2), 12);
  expect(mean[2]).toBe(0);
  expect([...harmonicMean([0.4], 2)]).toEqual([0.4, 0.4]);
});
