import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { orientNormalsAlong, orientNormalsConsistently, orientNormalsTowards } from './orient-normals.js';

const root = Math.SQRT1_2;

test('towards a viewpoint: a normal turned away is flipped, one turned to it is kept', () => {
  const points = Float32Array.of(0, 0, 5, 0, 0, 5, 10, 0, 5);
  const normals = Float32Array.of(0, 0, 1, 0, root, -root, root, 0, -root);
  const expected = Float32Array.of(-0, -0, -1, 0, root, -root, -root, -0, root);
  expect(orientNormalsTowards(points, normals, [0, 0, 0])).toEqual(expected);
  expect(normals[2]).toBe(1); // borrowed
});

test('towards a viewpoint: a zero normal becomes the direction there, or (0, 0, 1) when it is there', () => {
  const points = Float64Array.of(3, 0, 4, 0, 0, 0);
  const oriented = orientNormalsTowards(points, new Float64Array(6), [0, 0, 0]);
  expect(oriented).toEqual(Float64Array.of(-0.6, 0, -0.8, 0, 0, 1));
});

test('along a direction: n · direction is never negative', () => {
  const normals = Float32Array.of(0, 0, -1, root, 0, root, 1, 0, 0);
  expect(orientNormalsAlong(normals, [0, 0, 2])).toEqual(Float32Array.of(-0, -0, 1, root, 0, root, 1, 0, 0));
});

/** A sphere with random normal signs; `centre` moves it. */
function sphere(seed: number, centre: number[]) {
  const rng = createRng(seed);
  const points = new Float32Array(3 * 600);
  const normals = new Float32Array(3 * 600);
  for (let i = 0; i < points.length; i += 3) {
    const direction = [rng.normal(), rng.normal(), rng.normal()];
    const length = Math.hypot(...direction) * (rng.boolean() ? 1 : -1);
    for (let axis = 0; axis < 3; axis++) {
      normals[i + axis] = direction[axis] / length;
      points[i + axis] = centre[axis] + direction[axis] / Math.abs(length);
    }
  }
  return { points, normals };
}

test('consistently: the normals of a sphere all point outwards, and of a second one too', () => {
  const a = sphere(1, [0, 0, 0]);
  const b = sphere(2, [50, 0, 7]);
  const points = Float32Array.of(...a.points, ...b.points);
  const oriented = orientNormalsConsistently(points, Float32Array.of(...a.normals, ...b.normals), { k: 8 });
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = i < a.points.length ? [0, 0, 0] : [50, 0, 7];
    const outwards =
      oriented[i] * (points[i] - x) +
      oriented[i + 1] * (points[i + 1] - y) +
      oriented[i + 2] * (points[i + 2] - z);
    expect(outwards).toBeGreaterThan(0.99);
  }
});

test('consistently: the way leads around an edge over the links of least bend', () => {
  // A strip of six normals that turns by 36° per step. Both ends have another neighbour 72° away, whose normal says
  // the same with less weight.
  const points = new Float32Array(18);
  const normals = new Float32Array(18);
  for (let i = 0; i < 6; i++) {
    const angle = (i * Math.PI) / 5;
    points.set([Math.sin(angle), 0, -Math.cos(angle)], 3 * i);
    normals.set(
      [Math.sin(angle), 0, -Math.cos(angle)].map((v) => (i % 2 ? -v : v)),
      3 * i,
    );
  }
  const oriented = orientNormalsConsistently(points, normals, { k: 3 });
  for (let i = 0; i < 18; i++) expect(oriented[i]).toBeCloseTo(points[i], 6);
});

test('consistently: empty clouds and single points are fine', () => {
  expect(orientNormalsConsistently(new Float32Array(0), new Float32Array(0))).toHaveLength(0);
  expect([...orientNormalsConsistently(Float32Array.of(1, 1, 1), Float32Array.of(0, 0, 1))]).toEqual([
    -0, -0, -1,
  ]);
});

test('wrong arguments are refused', () => {
  const points = new Float32Array(6);
  expect(() => orientNormalsTowards(points, new Float32Array(3), [0, 0, 0])).toThrow(ShapeError);
  expect(() => orientNormalsTowards(points, new Float32Array(6), [0, Number.NaN, 0])).toThrow(ArgumentError);
  expect(() => orientNormalsAlong(new Float32Array(6), [1, 0])).toThrow(ArgumentError);
  expect(() => orientNormalsConsistently(points, new Float32Array(6), { k: 1 })).toThrow(ArgumentError);
});
