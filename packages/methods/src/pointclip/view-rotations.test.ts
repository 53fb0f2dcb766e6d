import { rotatePoints } from '@anomclip/pointcloud';
import { expect, test } from 'vitest';
import { viewRotations } from './view-rotations.js';

test('ten different rotations', () => {
  const rotations = viewRotations();
  expect(rotations).toHaveLength(10);
  expect(
    new Set(rotations.map((rotation) => rotation.map((value) => Math.round(1e6 * value)).join())).size,
  ).toBe(10);
});

test('the fifth view turns a quarter about z, then π/9 about y', () => {
  const [x, y, z] = rotatePoints(Float32Array.of(0, -1, 0, 1, 0, 0), viewRotations()[4], [0, 0, 0]);
  // (0, −1, 0) → (1, 0, 0) → (cos, 0, −sin)
  expect(x).toBeCloseTo(Math.cos(Math.PI / 9), 6);
  expect(y).toBeCloseTo(0, 6);
  expect(z).toBeCloseTo(-Math.sin(Math.PI / 9), 6);
});

test('the ninth view turns about z, a quarter back about y, then π/15 about y', () => {
  const [x, y, z] = rotatePoints(Float32Array.of(0, -1, 0), viewRotations()[8], [0, 0, 0]);
  // (0, −1, 0) → (1, 0, 0) → (0, 0, 1) → (sin, 0, cos)
  expect(x).toBeCloseTo(Math.sin(Math.PI / 15), 6);
  expect(y).toBeCloseTo(0, 6);
  expect(z).toBeCloseTo(Math.cos(Math.PI / 15), 6);
});
