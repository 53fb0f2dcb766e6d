import { ArgumentError, ShapeError } from '@anomclip/core';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { composeRotations, rotationX, rotationZ } from '../rotations.js';
import { eyecandiesPoints } from './eyecandies-points.js';

/** 512 × 512, everywhere at the largest depth of 1.5. */
const flat = ndarray(new Uint16Array(512 * 512).fill(65535), [512, 512]);
const range = { minimum: 0.5, maximum: 1.5 };

function point(xyz: { get(...at: number[]): number }, row: number, column: number): number[] {
  return [0, 1, 2].map((axis) => xyz.get(row, column, axis));
}

describe('eyecandiesPoints', () => {
  test('column 300, row 200 of a depth of 1.5 (datasets.md 12)', () => {
    const [x, y, z] = point(eyecandiesPoints(flat, range).xyz, 200, 300);
    expect(x).toBeCloseTo(0.0928126, 7);
    expect(y).toBeCloseTo(-0.1181252, 7);
    expect(z).toBe(1.5);
  });

  test('depth runs from the minimum to the maximum', () => {
    const depth = ndarray(Uint16Array.of(0, 65535, 32768), [1, 3]);
    const { xyz } = eyecandiesPoints(depth, range);
    expect([0, 1, 2].map((column) => xyz.get(0, column, 2))).toEqual([0.5, 1.5, Math.fround(1.0000076)]);
  });

  test('a pose is inverted, taken as it is, or left out', () => {
    const rotation = composeRotations(rotationX(0.4), rotationZ(-0.7));
    const [a, b, c, d, e, f, g, h, i] = rotation;
    const pose = [a, b, c, 1, d, e, f, -2, g, h, i, 3, 0, 0, 0, 1];
    const camera = point(eyecandiesPoints(flat, range).xyz, 10, 400);
    const at = (poseConvention: 'inverse' | 'forward' | 'none') =>
      point(eyecandiesPoints(flat, { ...range, pose, poseConvention }).xyz, 10, 400);
    const forward = [0, 1, 2].map((row) =>
      [0, 1, 2].reduce((sum, k) => sum + pose[4 * row + k] * camera[k], pose[4 * row + 3]),
    );
    const offset = [0, 1, 2].map((k) => camera[k] - pose[4 * k + 3]);
    const inverse = [0, 1, 2].map((row) =>
      [0, 1, 2].reduce((sum, k) => sum + rotation[3 * k + row] * offset[k], 0),
    );
    expect(at('none')).toEqual(camera);
    [0, 1, 2].forEach((axis) => {
      expect(at('forward')[axis]).toBeCloseTo(forward[axis], 6);
      expect(at('inverse')[axis]).toBeCloseTo(inverse[axis], 6);
    });
    expect(point(eyecandiesPoints(flat, { ...range, pose }).xyz, 10, 400)).toEqual(at('inverse'));
  });

  test('refuses other shapes, poses that cannot be inverted and numbers that are not finite', () => {
    expect(() => eyecandiesPoints(ndarray(new Uint16Array(4), [4]), range)).toThrow(ShapeError);
    expect(() => eyecandiesPoints(flat, { ...range, pose: [1, 2, 3] })).toThrow(ShapeError);
    const flatPose = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    expect(() => eyecandiesPoints(flat, { ...range, pose: flatPose })).toThrow(ArgumentError);
    expect(() => eyecandiesPoints(flat, { ...range, pose: new Array(16).fill(1) })).toThrow(ArgumentError);
    expect(() => eyecandiesPoints(flat, { minimum: 2, maximum: 1 })).toThrow(ArgumentError);
    expect(() => eyecandiesPoints(flat, { minimum: Number.NaN, maximum: 1 })).toThrow(ArgumentError);
    expect(() => eyecandiesPoints(flat, { ...range, focal: 0 })).toThrow(ArgumentError);
  });
});
