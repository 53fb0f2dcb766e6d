import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { largestDifference, readGolden } from '../../../core/src/testing/arrays.fixture.js';
import { hasShared } from '../../../core/src/testing/golden.fixture.js';
import { drawPerlinNoise, perlinNoise } from './perlin-noise.js';

test('one cell over 4 × 4 pixels has the values of the specification', () => {
  const angles = ndarray(Float64Array.of(0, Math.PI / 2, Math.PI, (3 * Math.PI) / 2), [2, 2]);
  const expected = [
    [0, -0.109795, -0.353553, -0.316955],
    [0.42675, 0.295511, -0.066982, -0.20716],
    [Math.SQRT1_2, 0.63391, 0.353553, 0.073197],
    [0.42675, 0.469639, 0.493732, 0.295511],
  ];
  expect(largestDifference(contiguous(perlinNoise(4, 4, angles)), expected.flat())).toBeLessThan(6e-7);
});

describe.skipIf(!hasShared)(`golden noise${hasShared ? '' : ' (skipped: ../shared is absent)'}`, () => {
  test.each(['4x2', '8x16'])('of %s cells is reproduced within 1e-9', (cells) => {
    const golden = readGolden('perlin');
    const angles = golden(`angles_${cells}`);
    const expected = golden(`noise_${cells}`);
    const [height, width] = expected.shape;
    const noise = perlinNoise(height, width, ndarray(Float64Array.from(contiguous(angles)), angles.shape));
    expect(noise.shape).toEqual(expected.shape);
    expect(largestDifference(contiguous(noise), contiguous(expected))).toBeLessThan(1e-9);
  });
});

test('is 0 at the nodes and continuous across cells, for sizes that the cells do not divide too', () => {
  const rng = createRng(1);
  const noise = drawPerlinNoise(90, 70, 6, 7, rng);
  for (let i = 0; i < 90; i += 15)
    for (let j = 0; j < 70; j += 10) expect(noise.get(i, j)).toBeCloseTo(0, 12);
  const fine = drawPerlinNoise(997, 1001, 3, 5, rng);
  let steepest = 0;
  for (let i = 1; i < 997; i++) {
    for (let j = 1; j < 1001; j++) {
      steepest = Math.max(steepest, Math.abs(fine.get(i, j) - fine.get(i, j - 1)));
      steepest = Math.max(steepest, Math.abs(fine.get(i, j) - fine.get(i - 1, j)));
    }
  }
  expect(steepest).toBeLessThan(0.03); // a jump at the border of a cell would be of the order of 1
});

test('lattices without a cell, angles that are not finite and sizes below 1 are refused', () => {
  expect(() => perlinNoise(4, 4, ndarray(new Float64Array(2), [1, 2]))).toThrow(ShapeError);
  expect(() => perlinNoise(4, 4, ndarray(Float64Array.of(0, 0, Number.NaN, 0), [2, 2]))).toThrow(
    ArgumentError,
  );
  expect(() => perlinNoise(0, 4, ndarray(new Float64Array(4), [2, 2]))).toThrow(ArgumentError);
  expect(() => drawPerlinNoise(4, 4, 0, 1, createRng(1))).toThrow(ArgumentError);
  expect(() => drawPerlinNoise(4, 4, 1, 1.5, createRng(1))).toThrow(ArgumentError);
});
