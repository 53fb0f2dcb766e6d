import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  centroid,
  composeRotations,
  type Matrix3,
  randomRotation,
  rotatePoints,
  rotationAbout,
  rotationX,
  rotationXyz,
  rotationY,
  rotationZ,
  viewGrid,
} from './rotations.js';
import { goldenPath, goldenPoints, readGolden } from './testing/golden.js';

const identity = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const transpose = (m: Matrix3) => Float64Array.of(m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]);
const determinant = (m: Matrix3) =>
  m[0] * (m[4] * m[8] - m[5] * m[7]) -
  m[1] * (m[3] * m[8] - m[5] * m[6]) +
  m[2] * (m[3] * m[7] - m[4] * m[6]);
const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });

function expectMatrix(found: Matrix3, expected: ArrayLike<number>, digits = 12): void {
  for (let i = 0; i < 9; i++) expect(found[i]).toBeCloseTo(expected[i], digits);
}

function expectRotation(matrix: Matrix3): void {
  expectMatrix(composeRotations(matrix, transpose(matrix)), identity);
  expect(determinant(matrix)).toBeCloseTo(1, 12);
}

test('a quarter turn takes y to z about x, z to x about y, x to y about z', () => {
  const turn = (matrix: Matrix3, ...point: number[]) => [
    ...rotatePoints(Float32Array.from(point), matrix, [0, 0, 0]),
  ];
  const quarter = Math.PI / 2;
  expect(turn(rotationX(quarter), 0, 1, 0).map(Math.round)).toEqual([0, 0, 1]);
  expect(turn(rotationY(quarter), 0, 0, 1).map(Math.round)).toEqual([1, 0, 0]);
  expect(turn(rotationZ(quarter), 1, 0, 0).map(Math.round)).toEqual([0, 1, 0]);
});

test('rotationXyz turns about z first and about x last', () => {
  const quarter = Math.PI / 2;
  const [x, y, z] = rotatePoints(Float32Array.of(1, 0, 0), rotationXyz(quarter, 0, quarter), [0, 0, 0]);
  expect([x, y, z].map(Math.round)).toEqual([0, 0, 1]); // x → y about z, then y → z about x
});

test('rotationAbout the axes equals the elementary rotations, whatever the length of the axis', () => {
  fc.assert(
    fc.property(angle, fc.double({ min: 0.01, max: 100, noNaN: true }), (t, length) => {
      expectMatrix(rotationAbout([length, 0, 0], t), rotationX(t));
      expectMatrix(rotationAbout([0, length, 0], t), rotationY(t));
      expectMatrix(rotationAbout([0, 0, length], t), rotationZ(t));
    }),
    { seed: 7 },
  );
});

test('rotationAbout keeps its axis and refuses a zero axis', () => {
  const matrix = rotationAbout([1, 2, -2], 0.7);
  expectRotation(matrix);
  for (const [i, value] of rotatePoints(Float32Array.of(1, 2, -2), matrix, [0, 0, 0]).entries()) {
    expect(value).toBeCloseTo([1, 2, -2][i], 6);
  }
  expect(() => rotationAbout([0, 0, 0], 1)).toThrow(ArgumentError);
});

describe('randomRotation', () => {
  test('is a rotation', () => {
    const rng = createRng(8);
    for (let i = 0; i < 20; i++) expectRotation(randomRotation(rng));
  });

  test('is uniform: every entry has mean 0 and variance 1/3', () => {
    const rng = createRng(9);
    const count = 20_000;
    const sums = new Float64Array(9);
    const squares = new Float64Array(9);
    for (let i = 0; i < count; i++) {
      randomRotation(rng).forEach((value, k) => {
        sums[k] += value;
        squares[k] += value * value;
      });
    }
    for (let k = 0; k < 9; k++) {
      expect(Math.abs(sums[k] / count)).toBeLessThan(0.02); // 5 standard errors
      expect(Math.abs(squares[k] / count - 1 / 3)).toBeLessThan(0.012);
    }
  });
});

test('rotatePoints keeps the centre and the distances to it', () => {
  const points = Float32Array.of(1, 2, 3, 4, 6, 8, -2, 0, 1);
  const turned = rotatePoints(points, rotationXyz(0.3, -0.5, 1.1));
  centroid(points).forEach((value, axis) => void expect(centroid(turned)[axis]).toBeCloseTo(value, 6));
  const spread = (values: Float32Array) => {
    const centre = centroid(values);
    return values.reduce((sum, value, i) => sum + (value - centre[i % 3]) ** 2, 0);
  };
  expect(spread(turned)).toBeCloseTo(spread(points), 4);
  expect(turned[0]).not.toBeCloseTo(1, 1);
  expect(rotatePoints(new Float32Array(0), identity)).toHaveLength(0);
});

test('viewGrid: 27 views, x outermost and z innermost, view 0 without rotation', () => {
  const views = viewGrid();
  const a = Math.PI / 12;
  expect(views).toHaveLength(27);
  expect(views.slice(0, 4)).toEqual([
    [0, 0, 0],
    [0, 0, -a],
    [0, 0, a],
    [0, -a, 0],
  ]);
  expect(views[26]).toEqual([a, a, a]);
  expect(viewGrid([0, 1])).toHaveLength(8);
});

test.skipIf(!goldenPath)('equals Open3D on the golden scan (skipped without ../shared)', () => {
  const [a, b, g] = readGolden('euler_xyz').values;
  const matrix = rotationXyz(a, b, g);
  expectMatrix(matrix, readGolden('open3d_rotation_from_xyz').values);
  const points = goldenPoints();
  const centre = readGolden('centre').values;
  centroid(points).forEach((value, axis) => void expect(value).toBeCloseTo(centre[axis], 9));
  const expected = readGolden('rotated_about_centre').values;
  const turned = rotatePoints(points, matrix, centre);
  expect(turned).toHaveLength(expected.length);
  expect(Math.max(...turned.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-7);
});
