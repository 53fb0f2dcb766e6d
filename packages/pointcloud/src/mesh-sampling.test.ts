import { readFileSync } from 'node:fs';
import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { readObj } from './io/index.js';
import { sampleMesh, type TriangleMesh } from './mesh-sampling.js';
import { centroid } from './rotations.js';
import { sharedFile } from './testing/golden.js';

/** A 3 × 1 rectangle at z = 2 facing +z, cut into triangles of area 1.5, 0 and 1.5, and a vertical one of area 1. */
const mesh: TriangleMesh = {
  positions: Float32Array.of(0, 0, 2, 3, 0, 2, 3, 1, 2, 0, 1, 2, 0, 0, 4),
  triangles: Uint32Array.of(0, 1, 2, 0, 0, 3, 0, 2, 3, 0, 3, 4),
};

test('triangles are drawn in proportion to their area, and never without area', () => {
  const count = 40_000;
  const { triangleOf } = sampleMesh(mesh, count, createRng(1));
  const drawn = [0, 0, 0, 0];
  for (const triangle of triangleOf) drawn[triangle]++;
  expect(drawn[1]).toBe(0);
  expect(drawn[0] / count).toBeCloseTo(1.5 / 4, 2);
  expect(drawn[2] / count).toBeCloseTo(1.5 / 4, 2);
  expect(drawn[3] / count).toBeCloseTo(1 / 4, 2);
});

test('points lie on their triangle, uniformly: the mean and the variance are those of the rectangle', () => {
  const rectangle = { ...mesh, triangles: Uint32Array.of(0, 1, 2, 0, 2, 3) };
  const count = 40_000;
  const { positions } = sampleMesh(rectangle, count, createRng(2));
  const moments = (axis: number) => {
    const values = Array.from({ length: count }, (_, i) => positions[3 * i + axis]);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count, Math.min(...values)];
  };
  expect(moments(0)[0]).toBeCloseTo(1.5, 1);
  expect(moments(0)[1]).toBeCloseTo(9 / 12, 1);
  expect(moments(1)[0]).toBeCloseTo(0.5, 2);
  expect(moments(1)[1]).toBeCloseTo(1 / 12, 2);
  expect(moments(1)[2]).toBeGreaterThanOrEqual(0);
  expect(moments(2)).toEqual([2, 0, 2]);
});

test('normals follow the right-hand rule', () => {
  const { normals, triangleOf } = sampleMesh(mesh, 50, createRng(3));
  for (let i = 0; i < 50; i++) {
    // (0,0,2) → (0,1,2) → (0,0,4): y × z = +x.
    expect([...normals.subarray(3 * i, 3 * i + 3)]).toEqual(triangleOf[i] === 3 ? [1, 0, 0] : [0, 0, 1]);
  }
});

test('the same seed gives the same points', () => {
  expect(sampleMesh(mesh, 20, createRng(4))).toEqual(sampleMesh(mesh, 20, createRng(4)));
  expect(sampleMesh(mesh, 20, createRng(4)).positions).not.toEqual(
    sampleMesh(mesh, 20, createRng(5)).positions,
  );
});

test('no points of an empty mesh is fine; points of a mesh without area, and wrong indices, are refused', () => {
  const rng = createRng(0);
  const empty = { positions: new Float32Array(0), triangles: new Uint32Array(0) };
  expect(sampleMesh(empty, 0, rng).positions).toHaveLength(0);
  expect(() => sampleMesh(empty, 1, rng)).toThrow(ArgumentError);
  expect(() => sampleMesh({ ...mesh, triangles: Uint32Array.of(0, 1, 1) }, 1, rng)).toThrow(ArgumentError);
  expect(() => sampleMesh({ ...mesh, triangles: Uint32Array.of(0, 1, 5) }, 1, rng)).toThrow(ArgumentError);
  expect(() => sampleMesh({ ...mesh, triangles: Uint32Array.of(0, 1) }, 1, rng)).toThrow(ShapeError);
});

const fandisk = sharedFile('data/models/fandisk.obj');

test.skipIf(!fandisk)('on a closed mesh normals cancel and face outwards (skipped without ../shared)', () => {
  const { cloud, triangles } = readObj(readFileSync(fandisk ?? ''));
  if (!triangles) throw new Error('no triangles');
  const count = 50_000;
  const { positions, normals } = sampleMesh(
    { positions: contiguous(cloud.positions), triangles },
    count,
    createRng(6),
  );
  const mean = centroid(normals);
  expect(Math.hypot(...mean)).toBeLessThan(5 / Math.sqrt(count));
  // Divergence theorem: the mean of p · n is 3 · volume / area, above 0 when the normals face outwards.
  const flux = positions.reduce((sum, value, i) => sum + value * normals[i], 0) / count;
  expect(flux).toBeGreaterThan(0);
});
