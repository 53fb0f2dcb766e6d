import { MetricsInputError } from './errors.js';
import { checkCount, checkSameLength } from './inputs.js';
import { createKdTree, type KdTree, Neighbours } from './kd-tree.js';
import { linkWithinRadius } from './link-within-radius.js';
import { createForest, findRoot, unite } from './union-find.js';

export interface CloudRegionOptions {
  /**
   * When two anomalous points belong together. `'radius'`: closer than `radiusFactor` times the median
   * nearest-neighbour distance of the whole cloud, or at the same place. `'knn'`: either is among the
   * `neighbours` nearest of the other in the whole cloud. @defaultValue `'radius'`
   */
  graph?: 'radius' | 'knn';
  /** > 0. @defaultValue 3 */
  radiusFactor?: number;
  /** At least 1. @defaultValue 8 */
  neighbours?: number;
}

export interface CloudRegions {
  /** Region of every point: 0 where normal, then 1…count in order of the first point. */
  readonly labels: Uint32Array;
  readonly count: number;
  /** Points of region `id` at `sizes[id − 1]`. */
  readonly sizes: Uint32Array;
}

/**
 * Connected components of the anomalous points of an unorganised cloud, in a graph of neighbours.
 *
 * @param positions - xyz triples, length 3 · N, finite.
 * @param labels - One per point, non-zero is anomalous.
 * @throws {@link MetricsInputError} when lengths do not match or a coordinate is not finite.
 */
export function cloudRegions(
  positions: Float32Array,
  labels: Uint8Array,
  options: CloudRegionOptions = {},
): CloudRegions {
  checkCloudRegionOptions('cloudRegions', options);
  checkPositions('cloudRegions', positions, labels.length);
  return findCloudRegions(createKdTree(positions), positions, labels, options);
}

/** Throws unless the options are legal. */
export function checkCloudRegionOptions(where: string, options: CloudRegionOptions): void {
  const { graph = 'radius', radiusFactor = 3, neighbours = 8 } = options;
  if (graph !== 'radius' && graph !== 'knn') {
    throw new MetricsInputError(where, "graph to be 'radius' or 'knn'", graph);
  }
  if (!(radiusFactor > 0 && radiusFactor < Infinity)) {
    throw new MetricsInputError(where, 'radiusFactor > 0', radiusFactor);
  }
  checkCount(where, 'neighbours', neighbours, 1);
}

/** Throws unless `positions` holds `count` finite points. */
export function checkPositions(where: string, positions: Float32Array, count: number): void {
  if (!(positions instanceof Float32Array)) {
    throw new MetricsInputError(where, 'positions as a Float32Array', positions);
  }
  checkSameLength(where, `coordinates for ${count} points`, positions.length, 3 * count);
  const bad = positions.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new MetricsInputError(
      where,
      'finite coordinates',
      `${positions[bad]} at point ${Math.floor(bad / 3)}`,
      'leave missing points out, with their scores and labels',
    );
  }
}

/** {@link cloudRegions} with an index that already exists. */
export function findCloudRegions(
  tree: KdTree,
  positions: Float32Array,
  labels: Uint8Array,
  { graph = 'radius', radiusFactor = 3, neighbours = 8 }: CloudRegionOptions,
): CloudRegions {
  const parents = createForest(labels.length);
  if (labels.some((label) => label !== 0)) {
    if (graph === 'knn') linkNearest(tree, positions, labels, neighbours, parents);
    else linkWithinRadius(positions, labels, radiusFactor * medianNearestDistance(tree, positions), parents);
  }
  const regions = new Uint32Array(labels.length);
  const sizes: number[] = [];
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0) continue;
    const root = findRoot(parents, i);
    regions[i] = root < i ? regions[root] : sizes.push(0);
    sizes[regions[i] - 1]++;
  }
  return { labels: regions, count: sizes.length, sizes: Uint32Array.from(sizes) };
}

function linkNearest(
  tree: KdTree,
  positions: Float32Array,
  labels: Uint8Array,
  k: number,
  parents: Uint32Array,
): void {
  const nearest = new Neighbours(tree, k);
  for (const point of tree.order) {
    if (labels[point] === 0) continue;
    nearest.find(positions, point, point);
    for (let i = 0; i < nearest.count; i++) {
      if (labels[nearest.indices[i]] !== 0) unite(parents, point, nearest.indices[i]);
    }
  }
}

/** Median over all points of the distance to the nearest other one; the mean of the middle two if even. */
function medianNearestDistance(tree: KdTree, positions: Float32Array): number {
  const count = tree.order.length;
  if (count < 2) return 0;
  const distances = new Float64Array(count);
  const nearest = new Neighbours(tree, 1);
  // In tree order one query's neighbourhood is still in the cache for the next.
  for (const [i, point] of tree.order.entries()) {
    nearest.find(positions, point, point);
    distances[i] = Math.sqrt(nearest.squaredDistances[0]);
  }
  distances.sort();
  return (distances[(count - 1) >>> 1] + distances[count >>> 1]) / 2;
}
