import { createRng } from '@anomclip/core/random';
import {
  centroid,
  computeFpfh,
  dbscan,
  estimateNormals,
  farthestPoints,
  ransacPlane,
  rotatePoints,
  rotationXyz,
  statisticalInliers,
  toUnorganised,
  voxelGrid,
} from '@anomclip/pointcloud';
import ndarray from 'ndarray';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** Normals, FPFH, voxel grid, outliers, clusters, farthest points, plane and rotations of Open3D. */
export function checkPointcloud(golden: Golden, compare: Compare): void {
  const grid = golden.values('input.object_xyz');
  const points = Float32Array.from(
    [...golden.values('input.point_index')].flatMap((pixel) => [...grid.subarray(3 * pixel, 3 * pixel + 3)]),
  );
  const count = points.length / 3;

  for (const [suffix, normalRadius, featureRadius] of [
    ['a', 0.006, 0.015],
    ['btf_default', 0.1, 0.25],
  ] as const) {
    const expected = golden.values(`normals_${suffix}`);
    const normals = estimateNormals(points, { radius: normalRadius, maxNeighbours: 30 });
    compare(`normals_${suffix}, up to sign`, largestErrorUpToSign(normals, expected), 1e-6);
    const fpfh = computeFpfh(points, expected, { radius: featureRadius, maxNeighbours: 100 });
    const errors = rowErrors(fpfh, golden.values(`fpfh_${suffix}`), count);
    compare(
      `fpfh_${suffix}, share of points off by 1e-3`,
      errors.filter((error) => error > 1e-3).length / count,
      5e-3,
    );
  }

  for (const name of golden.names) {
    const voxel = /^voxel_down_([\d.]+)_sorted$/.exec(name);
    if (voxel) {
      const { cloud } = voxelGrid({ positions: ndarray(points, [count, 3]) }, Number(voxel[1]));
      compare(name, largestError(sortedRows(cloud.positions.data), sortedRows(golden.values(name))), 1e-6);
    }
    const statistical = /^statistical_inliers_(\d+)_([\d.]+)$/.exec(name);
    if (statistical) {
      const [k, ratio] = statistical.slice(1).map(Number);
      compare(name, largestError(statisticalInliers(points, { k, ratio }), golden.values(name)), 0);
    }
    const clusters = /^dbscan_labels_([\d.]+)_(\d+)$/.exec(name);
    if (clusters) {
      const [eps, minPoints] = clusters.slice(1).map(Number);
      const labels = dbscan(points, { eps, minPoints });
      compare(name, largestError(renumbered(labels), renumbered(golden.values(name))), 0);
    }
    const farthest = /^fps_(\d+)_points$/.exec(name);
    if (farthest) {
      const chosen = farthestPoints(points, Number(farthest[1]));
      const positions = Float64Array.from([...chosen].flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]));
      compare(
        `${name}, as a set`,
        largestError(sortedRows(positions), sortedRows(golden.values(name))),
        1e-7,
      );
    }
  }

  checkPlane(golden, compare);
  const [x, y, z] = golden.values('euler_xyz');
  const rotation = rotationXyz(x, y, z);
  compare(
    'rotation from xyz angles',
    largestError(rotation, golden.values('open3d_rotation_from_xyz')),
    1e-9,
  );
  const centre = centroid(points);
  compare('centre', largestError(centre, golden.values('centre')), 1e-7);
  compare(
    'rotated about centre',
    largestError(rotatePoints(points, rotation), golden.values('rotated_about_centre')),
    1e-6,
  );
}

/** The reference searched the plane among the pixels without a zero coordinate, within 0.0004 m. */
function checkPlane(golden: Golden, compare: Compare): void {
  const xyz = golden.float32('input.organised_xyz');
  const { positions } = toUnorganised({ xyz }, { missing: 'any-zero' });
  const found = ransacPlane(positions, { threshold: 0.0004, sample: 3, iterations: 1000, rng: createRng(0) });
  const expectedCount = golden.scalar('plane_inlier_count');
  const inlierCount = found?.inliers.length ?? 0;
  compare('plane, share of inliers', Math.abs(inlierCount - expectedCount) / expectedCount, 0.01);
  const expected = golden.values('plane_model_abcd');
  const normal = found?.plane.normal ?? [0, 0, 0];
  const cosine = Math.abs(normal[0] * expected[0] + normal[1] * expected[1] + normal[2] * expected[2]);
  compare('plane, normal in degrees', (Math.acos(Math.min(1, cosine)) * 180) / Math.PI, 0.5);
}

function largestErrorUpToSign(actual: ArrayLike<number>, expected: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i += 3) {
    const [plus, minus] = [1, -1].map((sign) =>
      Math.max(...[0, 1, 2].map((axis) => Math.abs(sign * actual[i + axis] - expected[i + axis]))),
    );
    largest = Math.max(largest, Math.min(plus, minus));
  }
  return largest;
}

function rowErrors(actual: ArrayLike<number>, expected: Float64Array, rows: number): number[] {
  const width = expected.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    let largest = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
    }
    return largest;
  });
}

/** xyz rows in lexicographic order: sets compare as lists. Rounded, so that noise does not decide the order. */
function sortedRows(values: ArrayLike<number>): number[] {
  const rows = Array.from({ length: values.length / 3 }, (_, i) => [
    values[3 * i],
    values[3 * i + 1],
    values[3 * i + 2],
  ]);
  const key = (value: number) => Math.round(value * 1e6);
  return rows.sort((a, b) => key(a[0]) - key(b[0]) || key(a[1]) - key(b[1]) || key(a[2]) - key(b[2])).flat();
}

/** Labels numbered by first occurrence; noise stays −1. */
function renumbered(labels: ArrayLike<number>): number[] {
  const numbers = new Map<number, number>([[-1, -1]]);
  return Array.from(labels, (label) => {
    const number = numbers.get(label) ?? numbers.size - 1;
    numbers.set(label, number);
    return number;
  });
}
