import { ArgumentError, ShapeError } from '@anomclip/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { depthToPoints, invertAffine } from './depth-to-points.js';
import { rotationXyz } from './rotations.js';

const eyecandies = { fx: 711.11, fy: 711.11, cx: 256, cy: 256 };

/** [R t; 0 1], row-major. */
function rigid(angles: readonly [number, number, number], t: readonly number[]): number[] {
  const r = Array.from(rotationXyz(...angles));
  return [...r.slice(0, 3), t[0], ...r.slice(3, 6), t[1], ...r.slice(6), t[2], 0, 0, 0, 1];
}

test('a pixel of an Eyecandies depth map is where the arithmetic puts it', () => {
  const depth = ndarray(new Float32Array(512 * 512), [512, 512]);
  depth.set(200, 300, 1.5);
  const { xyz } = depthToPoints(depth, eyecandies);
  const point = [0, 1, 2].map((axis) => xyz.get(200, 300, axis));
  // (44 · 1.5 / 711.11, −56 · 1.5 / 711.11, 1.5), by hand
  for (const [axis, value] of [0.0928126, -0.1181252, 1.5].entries())
    expect(point[axis]).toBeCloseTo(value, 7);
});

test('the grid is that of the depth, also for views with strides, and has no point without depth', () => {
  const depth = ndarray(Float32Array.of(1, 2, 0, -1, Number.NaN, Infinity), [3, 2]).transpose(1, 0);
  const { xyz } = depthToPoints(depth, { fx: 1, fy: 1, cx: 0, cy: 0 });
  expect(xyz.shape).toEqual([2, 3, 3]);
  expect(Array.from(xyz.data)).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0]);
});

test('a transform is applied to the points of the camera frame, row-major', () => {
  const depth = ndarray(Float32Array.of(2), [1, 1]);
  const { xyz } = depthToPoints(
    depth,
    { fx: 1, fy: 1, cx: -1, cy: -2 },
    {
      transform: [0, 0, 1, 10, 1, 0, 0, 20, 0, 1, 0, 30, 0, 0, 0, 1],
    },
  );
  expect(Array.from(xyz.data)).toEqual([12, 22, 34]); // (x, y, z) = (2, 4, 2) becomes (z + 10, x + 20, y + 30)
});

test('a rigid transform times its inverse is the identity', () => {
  const angle = fc.double({ min: -3, max: 3, noNaN: true });
  const property = fc.property(fc.tuple(angle, angle, angle), fc.tuple(angle, angle, angle), (angles, t) => {
    const [matrix, inverse] = [rigid(angles, t), invertAffine(rigid(angles, t))];
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 4; column++) {
        const sum = [0, 1, 2, 3].reduce(
          (total, k) => total + matrix[4 * row + k] * inverse[4 * k + column],
          0,
        );
        expect(sum).toBeCloseTo(row === column ? 1 : 0, 12);
      }
    }
  });
  fc.assert(property, { seed: 20 });
});

test('an affine matrix that is not rigid is inverted too', () => {
  const inverse = invertAffine([2, 1, 0, 3, 0, 4, 0, 5, 0, 0, 8, 6, 0, 0, 0, 1]);
  // Solved by hand: z' = (z − 6)/8, y' = (y − 5)/4, x' = (x − 3 − y')/2.
  expect(Array.from(inverse)).toEqual([
    0.5, -0.125, 0, -0.875, 0, 0.25, 0, -1.25, 0, 0, 0.125, -0.75, 0, 0, 0, 1,
  ]);
});

test('wrong shapes, singular matrices and impossible cameras are refused', () => {
  const depth = ndarray(new Float32Array(4), [2, 2]);
  expect(() => depthToPoints(ndarray(new Float32Array(4), [4]), eyecandies)).toThrow(ShapeError);
  expect(() => depthToPoints(depth, eyecandies, { transform: [1, 2, 3] })).toThrow(ShapeError);
  expect(() => depthToPoints(depth, { ...eyecandies, fx: 0 })).toThrow(ArgumentError);
  expect(() => depthToPoints(depth, { ...eyecandies, cy: Number.NaN })).toThrow(ArgumentError);
  expect(() => invertAffine([1, 0])).toThrow(ShapeError);
  expect(() => invertAffine([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toThrow(/can be inverted/);
  expect(() => invertAffine(new Array(16).fill(1))).toThrow(/last row/);
});
