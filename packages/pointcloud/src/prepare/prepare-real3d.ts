import { ArgumentError, type PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng, type Rng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { checkChoice, checkCount, countPoints } from '../check-points.js';
import { farthestPoints } from '../farthest-points.js';
import { buildKdTree } from '../kd-tree.js';
import { knnAll } from '../neighbours.js';
import { randomPoints, selectPoints } from '../select-points.js';
import { boundingBox } from '../views/box.js';
import { voxelGrid } from '../voxel-grid.js';
import { prepareCloud } from './prepare-cloud.js';
import type { PreparedCloud } from './prepared-cloud.js';

export interface PrepareReal3dOptions {
  /** Points of the result. @defaultValue 112896 = 336 · 336 */
  count?: number;
  /**
   * How larger clouds are thinned: `'fps'`, farthest points from a random start; `'random'`, any; `'voxel'`, one per voxel
   * of the largest size that leaves enough, and of those any.
   * @defaultValue 'fps', above `fpsLimit` points 'random'
   */
  sampling?: 'fps' | 'random' | 'voxel';
  /** Largest cloud that is thinned by farthest points unless told to. @defaultValue 10 000 000 */
  fpsLimit?: number;
  /** @defaultValue createRng(111) */
  rng?: Rng;
}

/** How the number of points was reached. */
export type Real3dSampling = NonNullable<PrepareReal3dOptions['sampling']> | 'interpolated' | 'all';

/**
 * A cloud of Real3D-AD for PointAD (`pointad.md` 2.5), with exactly `count` points and their labels. A smaller cloud keeps
 * its points in their order, followed by interpolated ones: any of the blends of each point with its three nearest others
 * at 0.25, 0.5 and 0.75 of the way, with the label of the nearer end, the point's own at 0.5.
 *
 * @returns `sampling`: what was done; `'all'` when the cloud has just as many points.
 * @throws {@link ArgumentError} when a coordinate is not finite, an option cannot be, or the cloud has too few points
 * to interpolate between: with nine blends per point, a tenth of `count`.
 */
export function prepareReal3d(
  cloud: PointCloud,
  options: PrepareReal3dOptions = {},
): PreparedCloud & { readonly sampling: Real3dSampling } {
  const { count = 112_896, fpsLimit = 10_000_000, rng = createRng(111) } = options;
  const where = 'prepareReal3d';
  checkCount(where, 'count', count);
  const available = countPoints(where, contiguous(cloud.positions));
  const { sampling = available > fpsLimit ? 'random' : 'fps' } = options;
  checkChoice(where, 'sampling', sampling, ['fps', 'random', 'voxel']);
  const { positions, labels } = cloud; // other attributes are not interpolated, and not used
  const bare: PointCloud = { positions, ...(labels && { labels }) };
  if (available === count) return { ...prepareCloud(bare), sampling: 'all' };
  if (available < count) {
    return { ...prepareCloud(addBlends(bare, count - available, rng)), sampling: 'interpolated' };
  }
  return { ...prepareCloud(selectPoints(bare, thinned(bare, count, sampling, rng))), sampling };
}

function thinned(
  cloud: PointCloud,
  count: number,
  sampling: 'fps' | 'random' | 'voxel',
  rng: Rng,
): Uint32Array {
  const [available] = cloud.positions.shape;
  if (sampling === 'random') return randomPoints(available, count, rng);
  if (sampling === 'voxel') return pointsOfVoxels(cloud, count, rng);
  return farthestPoints(contiguous(cloud.positions), count, { start: rng.integer(0, available) });
}

/** The point nearest to the mean of each voxel, for the largest voxels (to 1 %) that give at least `count`. */
function pointsOfVoxels({ positions }: PointCloud, count: number, rng: Rng): Uint32Array {
  const numbered: PointCloud = {
    positions,
    labels: Uint32Array.from({ length: positions.shape[0] }, (_, i) => i), // tells which points are left
  };
  const occupied = (size: number) =>
    Uint32Array.from(voxelGrid(numbered, size, { keep: 'nearest-to-mean' }).cloud.labels ?? []);
  let kept = numbered.labels as Uint32Array;
  const { low, high } = boundingBox(contiguous(positions));
  let tooLarge = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  let small = tooLarge / 2 ** 20;
  // Coincident points may be fewer voxels than wanted at every size; then all points are drawn from.
  while (tooLarge > 1.01 * small) {
    const size = Math.sqrt(small * tooLarge);
    const points = occupied(size);
    if (points.length < count) tooLarge = size;
    else {
      small = size;
      kept = points;
    }
  }
  return randomPoints(kept.length, count, rng).map((row) => kept[row]);
}

const neighbourCount = 3;
const ratios = [0.25, 0.5, 0.75];

function addBlends({ positions, labels }: PointCloud, missing: number, rng: Rng): PointCloud {
  const points = contiguous(positions);
  const available = points.length / 3;
  const others = Math.min(neighbourCount, Math.max(0, available - 1));
  const candidates = available * others * ratios.length;
  if (candidates < missing) {
    const wanted = `enough points for ${missing} blends`;
    throw new ArgumentError('prepareReal3d: cloud', wanted, `${available} points`, 'lower count');
  }
  const neighbours = nearestOthers(points, others);
  const all = new Float32Array(points.length + 3 * missing);
  all.set(points);
  const allLabels = labels && new Uint8Array(available + missing);
  if (labels) allLabels?.set(Array.from(labels, (label) => Number(label !== 0)));
  let next = available;
  for (const candidate of rng.sample(candidates, missing)) {
    const pair = Math.floor(candidate / ratios.length);
    const ratio = ratios[candidate % ratios.length];
    const from = Math.floor(pair / others);
    const to = neighbours[pair];
    for (let axis = 0; axis < 3; axis++) {
      all[3 * next + axis] = (1 - ratio) * points[3 * from + axis] + ratio * points[3 * to + axis];
    }
    if (allLabels) allLabels[next] = allLabels[ratio <= 0.5 ? from : to];
    next++;
  }
  return { positions: ndarray(all, [next, 3]), ...(allLabels && { labels: allLabels }) };
}

/** [N, others] the nearest other points of every point; a duplicate is another point. */
function nearestOthers(points: Float32Array, others: number): Uint32Array {
  const { k, indices } = knnAll(buildKdTree(points), { k: others + 1 });
  const result = new Uint32Array((points.length / 3) * others);
  for (let point = 0, at = 0; at < result.length; point++) {
    let found = 0;
    for (let i = point * k; found < others; i++) {
      if (indices[i] === point) continue;
      result[at++] = indices[i];
      found++;
    }
  }
  return result;
}
