import { ArgumentError } from '@anomclip/core';
import { type Coordinates, checkCount, countPoints } from './check-points.js';
import { buildKdTree } from './kd-tree.js';
import { buildNeighbourCells, densePoints } from './neighbour-cells.js';
import { knnAll } from './neighbours.js';

/** Options of {@link statisticalInliers}. */
export interface StatisticalInliersOptions {
  /** Nearest neighbours to look at, the point itself included. @defaultValue 20 */
  k?: number;
  /** Standard deviations above the mean from which a point is an outlier. @defaultValue 2 */
  ratio?: number;
}

/** Options of {@link radiusInliers}. */
export interface RadiusInliersOptions {
  /** Neighbours, the point itself included, that a point must exceed to stay. */
  count: number;
  /** Neighbours are closer than this, in the unit of the cloud. */
  radius: number;
}

/**
 * The points that are not unusually far from their neighbours. With aᵢ the mean distance of point i to its
 * `k` nearest points, itself included, and μ, σ (n − 1) over the aᵢ > 0: points with 0 < aᵢ < μ + ratio·σ.
 * So a point with k − 1 exact copies is removed, and so are all points when all aᵢ are equal.
 *
 * @param points - xyz triples, length 3·N.
 * @returns Ascending indices of the points to keep.
 * @throws {@link ArgumentError} when an option is out of range, or a coordinate is not finite.
 */
export function statisticalInliers(
  points: Coordinates,
  options: StatisticalInliersOptions = {},
): Uint32Array {
  const { k = 20, ratio = 2 } = options;
  const count = countPoints('statisticalInliers', points);
  checkCount('statisticalInliers', 'k', k);
  if (!(ratio > 0)) throw new ArgumentError('statisticalInliers: ratio', 'a number above 0', ratio);

  const means = meanDistances(points, count, k);
  let valid = 0;
  let sum = 0;
  for (const mean of means) {
    if (mean > 0) valid++;
    sum += mean;
  }
  const mu = sum / valid;
  let squares = 0;
  for (const mean of means) {
    if (mean > 0) squares += (mean - mu) ** 2;
  }
  const limit = mu + ratio * Math.sqrt(squares / (valid - 1));
  return indicesWhere(count, (i) => means[i] > 0 && means[i] < limit);
}

/**
 * The points with **more than** `count` neighbours closer than `radius`, themselves included.
 *
 * @param points - xyz triples, length 3·N.
 * @returns Ascending indices of the points to keep.
 * @throws {@link ArgumentError} when an option is out of range, or a coordinate is not finite.
 */
export function radiusInliers(points: Coordinates, options: RadiusInliersOptions): Uint32Array {
  const { count, radius } = options;
  const pointCount = countPoints('radiusInliers', points);
  checkCount('radiusInliers', 'count', count, 0);
  if (!(radius > 0 && radius < Infinity)) {
    throw new ArgumentError('radiusInliers: radius', 'a finite length above 0', radius);
  }
  const dense = densePoints(buildNeighbourCells('radiusInliers', points, radius), count + 1);
  return indicesWhere(pointCount, (i) => dense[i] === 1);
}

/** Mean distance of every point to its k nearest, itself included; to all points where there are fewer than k. */
function meanDistances(points: Coordinates, count: number, k: number): Float64Array {
  const { k: found, squaredDistances } = knnAll(buildKdTree(points), { k });
  const means = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = i * found; j < (i + 1) * found; j++) sum += Math.sqrt(squaredDistances[j]);
    means[i] = sum / found;
  }
  return means;
}

function indicesWhere(count: number, keep: (index: number) => boolean): Uint32Array {
  const indices = new Uint32Array(count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (keep(i)) indices[kept++] = i;
  }
  return indices.slice(0, kept);
}
