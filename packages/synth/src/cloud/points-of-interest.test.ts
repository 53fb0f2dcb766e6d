import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { pointsOfInterest } from './points-of-interest.js';

/** A scan whose point at pixel p is (p + 1, 1, 1), with missing pixels. */
function scan(height: number, width: number, missing: readonly number[]) {
  const xyz = new Float32Array(3 * height * width);
  for (let p = 0; p < height * width; p++) if (!missing.includes(p)) xyz.set([p + 1, 1, 1], 3 * p);
  return { xyz: ndarray(xyz, [height, width, 3]) };
}
const map = (values: number[], height: number, width: number) =>
  ndarray(Float32Array.from(values), [height, width]);
const pixels = (points: ReturnType<typeof pointsOfInterest>) =>
  Array.from({ length: points.shape[0] }, (_, i) => points.get(i, 0) - 1);

test('the highest valid pixels come first, ties by index; over all pixels, missing ones are dropped', () => {
  const organised = scan(2, 4, [1, 6]);
  const attention = map([1, 9, 5, 5, 0, 7, 8, 2], 2, 4);
  expect(pixels(pointsOfInterest(organised, attention, { share: 0.5 }))).toEqual([5, 2, 3, 7]);
  expect(pixels(pointsOfInterest(organised, attention, { share: 0.5, over: 'all' }))).toEqual([5, 2]);
});

test('50 points of a scan of 224 × 224, at least one of a small one, none where nothing was measured', () => {
  const rng = createRng(1);
  const attention = map(
    Array.from({ length: 224 * 224 }, () => rng.uniform()),
    224,
    224,
  );
  expect(pointsOfInterest(scan(224, 224, []), attention).shape).toEqual([50, 3]);
  expect(pointsOfInterest(scan(2, 2, []), map([0, 0, 0, 0], 2, 2)).shape).toEqual([1, 3]);
  expect(contiguous(pointsOfInterest(scan(1, 2, [0, 1]), map([1, 2], 1, 2)))).toHaveLength(0);
});

test('maps of another grid, NaN and shares out of range are refused', () => {
  const organised = scan(2, 2, []);
  expect(() => pointsOfInterest(organised, map([1, 2], 1, 2))).toThrow(ShapeError);
  expect(() => pointsOfInterest(organised, map([1, Number.NaN, 0, 0], 2, 2))).toThrow(ArgumentError);
  expect(() => pointsOfInterest(organised, map([1, 2, 3, 4], 2, 2), { share: 0 })).toThrow(ArgumentError);
});
