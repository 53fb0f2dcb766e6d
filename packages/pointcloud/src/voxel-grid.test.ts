import { ArgumentError, type PointCloud } from '@anomclip/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { examplePoints } from './testing/example-points.js';
import { goldenPath, goldenPoints, readGolden } from './testing/golden.js';
import { voxelGrid } from './voxel-grid.js';

const cloudOf = (positions: Float32Array): PointCloud => ({
  positions: ndarray(positions, [positions.length / 3, 3]),
});

/** Voxels of side 2 from −1: x = 5.5 and 6 (voxel 3), 0 and 0.5 (voxel 0), 6.5 (voxel 3). */
const coloured: PointCloud = {
  positions: ndarray(Float32Array.of(5.5, 0, 0, 0, 0, 0, 6, 0, 0, 0.5, 0, 0, 6.5, 0, 0), [5, 3]),
  normals: ndarray(Float32Array.of(0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0), [5, 3]),
  colours: ndarray(Uint8Array.of(1, 0, 0, 10, 20, 30, 2, 0, 0, 11, 21, 31, 2, 0, 255), [5, 3]),
  labels: Uint8Array.of(0, 0, 1, 1, 0),
};

describe('voxelGrid', () => {
  test('side 0.02 leaves 19 of the 36 example points', () => {
    expect(voxelGrid(cloudOf(examplePoints()), 0.02).cloud.positions.shape).toEqual([19, 3]);
  });

  test('means of positions, normals and colours, and the majority of labels with ties anomalous', () => {
    const { cloud, voxelOf } = voxelGrid(coloured, 2);
    expect([...voxelOf]).toEqual([0, 1, 0, 1, 0]); // numbered by first occurrence
    expect([...cloud.positions.data]).toEqual([6, 0, 0, 0.25, 0, 0]);
    expect([...(cloud.normals?.data ?? [])].map((n) => Number(n.toFixed(6)))).toEqual([
      0, 0.333333, 0.666667, 0.5, 0.5, 0,
    ]);
    expect([...(cloud.colours?.data ?? [])]).toEqual([2, 0, 85, 11, 21, 31]);
    expect(cloud.labels).toEqual(Uint8Array.of(0, 1));
  });

  test('renormalise gives mean normals unit length, and leaves opposite ones that cancel at zero', () => {
    const [nx, ny, nz] = voxelGrid(coloured, 2, { renormalise: true }).cloud.normals?.data ?? [];
    expect([nx, ny, nz]).toEqual([0, Math.fround(1 / Math.sqrt(5)), Math.fround(2 / Math.sqrt(5))]);
    const opposite = {
      ...cloudOf(new Float32Array(6)),
      normals: ndarray(Float32Array.of(0, 0, 1, 0, 0, -1), [2, 3]),
    };
    expect([...(voxelGrid(opposite, 1, { renormalise: true }).cloud.normals?.data ?? [])]).toEqual([0, 0, 0]);
  });

  test("'first' and 'nearest-to-mean' keep points as they are", () => {
    const first = voxelGrid(coloured, 2, { keep: 'first' }).cloud;
    expect([...first.positions.data]).toEqual([5.5, 0, 0, 0, 0, 0]);
    expect([...(first.colours?.data ?? [])]).toEqual([1, 0, 0, 10, 20, 30]);
    const nearest = voxelGrid(coloured, 2, { keep: 'nearest-to-mean' }).cloud;
    expect([...nearest.positions.data]).toEqual([6, 0, 0, 0, 0, 0]); // 0 and 0.5 tie: the lower index
    expect(nearest.labels).toEqual(Uint8Array.of(1, 0));
  });

  test('two points share a voxel exactly when all three indices agree', () => {
    const coordinate = fc.integer({ min: -40, max: 40 }).map((value) => value / 8); // exact in binary
    const clouds = fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(clouds, fc.constantFrom(0.25, 0.5, 1, 3), (points, size) => {
        const { voxelOf } = voxelGrid(cloudOf(Float32Array.from(points.flat())), size);
        const origin = [0, 1, 2].map((axis) => Math.min(...points.map((point) => point[axis])) - size / 2);
        const keys = points.map((point) =>
          point.map((x, axis) => Math.floor((x - origin[axis]) / size)).join(),
        );
        const firsts = [...new Set(keys)];
        expect([...voxelOf]).toEqual(keys.map((key) => firsts.indexOf(key)));
      }),
      { seed: 5 },
    );
  });

  test('an empty cloud stays empty', () => {
    expect(voxelGrid(cloudOf(new Float32Array(0)), 1).cloud.positions.shape).toEqual([0, 3]);
  });

  test('refuses a size of 0 and more than 2^31 voxels along an axis', () => {
    expect(() => voxelGrid(coloured, 0)).toThrow(ArgumentError);
    expect(() => voxelGrid(coloured, 1e-9)).toThrow(/2\^31/);
  });

  test.skipIf(!goldenPath)('equals Open3D on the golden scan as a set (skipped without ../shared)', () => {
    const expected = readGolden('voxel_down_0.005_sorted');
    const { data } = voxelGrid(cloudOf(goldenPoints()), 0.005).cloud.positions;
    const rows = (values: ArrayLike<number>) =>
      Array.from({ length: values.length / 3 }, (_, i) => [
        values[3 * i],
        values[3 * i + 1],
        values[3 * i + 2],
      ]).sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    const found = rows(data);
    expect(found).toHaveLength(expected.shape[0]);
    const errors = rows(expected.values).map((row, i) =>
      Math.max(...row.map((value, k) => Math.abs(value - found[i][k]))),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-7);
  });
});
