import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test } from 'vitest';
import { buildKdTree } from './kd-tree.js';
import { estimateNormals, normalsOfRange } from './normals.js';
import { exactExamplePoints } from './testing/exact-example-points.js';
import { goldenPath, goldenPoints, readGolden } from './testing/golden.js';

const example = exactExamplePoints();

function randomPoints(seed: number, count: number): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: 3 * count }, () => rng.normal());
}

describe('equals Open3D, signs included', () => {
  test('on 36 points of a rippled patch', () => {
    const normals = estimateNormals(example, { radius: 0.03, maxNeighbours: 8 });
    const expected = {
      0: [-0.251464, 0.098632, 0.962828],
      14: [-0.17556, 0.16804, 0.970021],
      35: [-0.070225, 0.069503, 0.995107],
    };
    for (const [index, normal] of Object.entries(expected)) {
      for (let axis = 0; axis < 3; axis++)
        expect(normals[3 * Number(index) + axis]).toBeCloseTo(normal[axis], 6);
    }
    const downwards = [...Array(36).keys()].filter((i) => normals[3 * i + 2] < 0);
    expect(downwards).toEqual([1, 2, 3, 4, 6, 11, 12, 17, 18, 23, 24, 29, 31, 32, 33, 34]);
  });

  test.skipIf(!goldenPath).each([
    ['normals_a', 0.006],
    ['normals_btf_default', 0.1],
  ])('on the golden scan, %s (skipped without ../shared)', (name, radius) => {
    const normals = estimateNormals(goldenPoints(), { radius, maxNeighbours: 30 });
    const { shape, values } = readGolden(name);
    expect(normals).toHaveLength(shape[0] * shape[1]);
    const errors = values.map((value, i) => Math.abs(value - normals[i]));
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });
});

test('the normal of a plane is the normal of the plane, whatever the solver', () => {
  // 2x − y + 2z = 0 is spanned by (1, 2, 0) and (0, 2, 1); its unit normal is (2, −1, 2)/3.
  const points: number[] = [];
  for (let a = 0; a < 8; a++) for (let b = 0; b < 8; b++) points.push(a + 5, 2 * (a + b), b - 5);
  for (const solver of ['closed-form', 'jacobi'] as const) {
    const normals = estimateNormals(Float32Array.from(points), { maxNeighbours: 9, solver });
    for (let i = 0; i < normals.length; i += 3) {
      const cosine = (2 * normals[i] - normals[i + 1] + 2 * normals[i + 2]) / 3;
      if (solver === 'jacobi') expect(cosine).toBeCloseTo(1, 6);
      else expect(Math.abs(cosine)).toBeCloseTo(1, 6);
    }
  }
});

test('normals of a sphere are radial, also far from the origin', () => {
  const rng = createRng(8);
  const points = new Float32Array(3 * 4000);
  for (let i = 0; i < points.length; i += 3) {
    const direction = [rng.normal(), rng.normal(), rng.normal()];
    const length = Math.hypot(...direction);
    for (let axis = 0; axis < 3; axis++) points[i + axis] = 100 + direction[axis] / length;
  }
  const normals = estimateNormals(points, { radius: 0.2 });
  for (let i = 0; i < normals.length; i += 3) {
    const radial = [0, 1, 2].reduce((sum, axis) => sum + normals[i + axis] * (points[i + axis] - 100), 0);
    expect(Math.abs(radial)).toBeGreaterThan(0.98);
  }
});

test('both solvers agree up to the sign', () => {
  const points = randomPoints(9, 500);
  const closedForm = estimateNormals(points);
  const jacobi = estimateNormals(points, { solver: 'jacobi' });
  for (let i = 0; i < points.length; i += 3) {
    const cosine =
      closedForm[i] * jacobi[i] + closedForm[i + 1] * jacobi[i + 1] + closedForm[i + 2] * jacobi[i + 2];
    expect(Math.abs(cosine)).toBeCloseTo(1, 6);
  }
});

test('the same points in another order have the same normals in that order', () => {
  const points = randomPoints(10, 300);
  const normals = estimateNormals(points, { solver: 'jacobi' });
  const order = createRng(11).permutation(300);
  const shuffled = points.map((_, i) => points[3 * order[Math.floor(i / 3)] + (i % 3)]);
  const expected = points.map((_, i) => normals[3 * order[Math.floor(i / 3)] + (i % 3)]);
  const found = estimateNormals(shuffled, { solver: 'jacobi' });
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i], 6);
});

test('ranges give the same bits as the whole, and so does a tree built before', () => {
  const points = randomPoints(12, 700);
  const tree = buildKdTree(points);
  const whole = normalsOfRange(tree, { maxNeighbours: 12 }, 0, 700);
  for (let start = 0; start < 700; start += 130) {
    const end = Math.min(700, start + 130);
    expect(normalsOfRange(tree, { maxNeighbours: 12 }, start, end)).toEqual(whole.slice(3 * start, 3 * end));
  }
  expect(estimateNormals(points, { tree })).toEqual(estimateNormals(points));
});

describe('legitimate corner cases', () => {
  test('an empty cloud has no normals', () => {
    expect(estimateNormals(new Float32Array(0))).toEqual(new Float32Array(0));
  });

  test('points with fewer than three neighbours, and duplicates, get (0, 0, 1)', () => {
    const up = (count: number) => Float32Array.from({ length: 3 * count }, (_, i) => Number(i % 3 === 2));
    expect(estimateNormals(Float32Array.of(1, 2, 3))).toEqual(up(1));
    expect(estimateNormals(Float32Array.of(1, 2, 3, 5, 5, 5))).toEqual(up(2));
    expect(estimateNormals(new Float32Array(300).fill(0.7))).toEqual(up(100));
    expect(estimateNormals(randomPoints(13, 50), { radius: 1e-9 })).toEqual(up(50));
  });
});

test('wrong arguments are refused', () => {
  const points = randomPoints(14, 10);
  expect(() => estimateNormals(Float32Array.of(1, 2))).toThrow(ShapeError);
  expect(() => estimateNormals(Float32Array.of(1, 2, Number.NaN))).toThrow(ArgumentError);
  expect(() => estimateNormals(points, { radius: -1 })).toThrow(ArgumentError);
  expect(() => estimateNormals(points, { maxNeighbours: 0 })).toThrow(ArgumentError);
  expect(() => estimateNormals(points, { tree: buildKdTree(points.slice(3)) })).toThrow(ShapeError);
});
