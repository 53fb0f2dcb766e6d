import { expect, test } from 'vitest';
import { blend, contrast, cover, dim } from './colours.js';

test('blend mixes two colours and clamps the share', () => {
  const out = new Float64Array(3);
  blend(out, [0, 0.5, 1], [1, 0.5, 0], 0.25);
  expect([...out]).toEqual([0.25, 0.5, 0.75]);
  blend(out, [0, 0.5, 1], [1, 0.5, 0], 7);
  expect([...out]).toEqual([1, 0.5, 0]);
  blend(out, [0, 0.5, 1], [1, 0.5, 0], -7);
  expect([...out]).toEqual([0, 0.5, 1]);
});

test('cover moves towards a colour, dim multiplies', () => {
  const out = Float64Array.of(0, 0.5, 1);
  cover(out, [1, 1, 1], 0.5);
  expect([...out]).toEqual([0.5, 0.75, 1]);
  dim(out, 0.5);
  expect([...out]).toEqual([0.25, 0.375, 0.5]);
});

test('contrast is the largest difference of a channel', () => {
  expect(contrast([0.25, 0.5, 1], [0.5, 0, 0.25])).toBe(0.75);
});
