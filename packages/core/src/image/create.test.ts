import { expect, test } from 'vitest';
import { ArgumentError } from '../errors.js';
import { createAnomalyMap, createImage, createMask } from './create.js';

test('new images, masks and maps have their shape and are zero everywhere', () => {
  expect(createImage(2, 3).shape).toEqual([2, 3, 3]);
  expect([...createImage(2, 3).data]).toEqual(new Array(18).fill(0));
  expect(createMask(2, 3).shape).toEqual([2, 3]);
  expect([...createMask(2, 3).data]).toEqual(new Array(6).fill(0));
  expect(createAnomalyMap(4, 1).shape).toEqual([4, 1]);
  expect(createAnomalyMap(4, 1).data).toBeInstanceOf(Float32Array);
  expect(createMask(0, 5).size).toBe(0);
});

test.each([
  [-1, 2],
  [2, 1.5],
  [Number.NaN, 1],
])('%d × %d is refused', (height, width) => {
  for (const create of [createImage, createMask, createAnomalyMap]) {
    expect(() => create(height, width)).toThrow(ArgumentError);
  }
});
