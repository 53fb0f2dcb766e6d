import { ArgumentError, ShapeError } from '@anomclip/core';
import {
  type Coordinates,
  checkCount,
  checkRadius,
  checkVec3,
  countPoints,
  type Vec3,
} from './check-points.js';
import { buildKdTree, type KdTree } from './kd-tree.js';
import { belowSquared, NeighbourSearch } from './neighbour-search.js';

export type { Vec3 } from './check-points.js';

/** Neighbours of one query, ascending by squared distance; the lower index comes first among equals. */
export interface Neighbours {
  /** Indices into the points the tree was built from. */
  readonly indices: Uint32Array;
  /** Squared distance to each of them, in the squared unit of the cloud. */
  readonly squaredDistances: Float64Array;
}

/** Neighbours of many queries, one row of `k` places each; rows are ordered like {@link Neighbours}. */
export interface NeighbourTable {
  /** Places per row. */
  readonly k: number;
  /** [rows·k], row-major; −1 fills the places behind the last neighbour of a short row. */
  readonly indices: Int32Array;
  /** [rows·k], row-major; Infinity where `indices` is −1. */
  readonly squaredDistances: Float64Array;
  /** [rows]: number of neighbours in each row. */
  readonly counts: Uint32Array;
}

export interface KnnAllOptions {
  /** Most neighbours per point, the point itself included; values above the number of points are lowered to it. */
  k: number;
  /** Only neighbours strictly closer than this count, in the unit of the cloud. @defaultValue Infinity */
  radius?: number;
  /** First point that gets a row. @defaultValue 0 */
  start?: number;
  /** Point behind the last one that gets a row. @defaultValue the number of points */
  end?: number;
}

/** The closest point to each of many queries. */
export interface NearestTable {
  /** [M]: index of the closest point, the lowest among equals; −1 when the tree is empty. */
  readonly indices: Int32Array;
  /** [M]: squared distance to it; Infinity when the tree is empty. */
  readonly squaredDistances: Float64Array;
}

/**
 * Index of the point closest to `query`, the lowest among equally close ones, or −1 when the tree is empty.
 *
 * @throws {@link ArgumentError} when the query is not three finite numbers, like every function here.
 */
export function nearest(tree: KdTree, query: Vec3): number {
  const { indices } = single('nearest', tree, query, 1, Infinity);
  return indices.length === 0 ? -1 : indices[0];
}

/** The `k` points closest to `query`, fewer when the tree has fewer. A query that is itself in the tree finds itself. */
export function knn(tree: KdTree, query: Vec3, k: number): Neighbours {
  checkCount('knn', 'k', k);
  return single('knn', tree, query, k, Infinity);
}

/** All points **strictly** closer to `query` than `radius`. */
export function radiusSearch(tree: KdTree, query: Vec3, radius: number): Neighbours {
  checkRadius('radiusSearch', radius);
  return single('radiusSearch', tree, query, tree.size, radius);
}

/** The `k` points closest to `query` among those strictly closer than `radius`. */
export function hybridSearch(tree: KdTree, query: Vec3, radius: number, k: number): Neighbours {
  checkRadius('hybridSearch', radius);
  checkCount('hybridSearch', 'k', k);
  return single('hybridSearch', tree, query, k, radius);
}

/**
 * The neighbours of every point of the tree, each point included as its own first neighbour (behind those of its
 * duplicates that have a lower index). Row i belongs to point `start + i`.
 *
 * Much faster than one search per point: points are visited in tree order, so that each search starts from the
 * distances found by the one before it.
 *
 * @throws {@link ArgumentError} when `k` is no positive integer, `radius` is not positive or the range is none.
 */
export function knnAll(tree: KdTree, options: KnnAllOptions): NeighbourTable {
  const { radius = Infinity, start = 0, end = tree.size } = options;
  checkCount('knnAll', 'k', options.k);
  checkRadius('knnAll', radius);
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= tree.size)) {
    throw new ArgumentError('knnAll', `0 ≤ start ≤ end ≤ ${tree.size}`, `${start} and ${end}`);
  }
  const k = Math.min(options.k, tree.size);
  const rows = end - start;
  const indices = new Int32Array(rows * k).fill(-1);
  const squaredDistances = new Float64Array(rows * k).fill(Infinity);
  const counts = new Uint32Array(rows);
  const { order } = tree;
  const sweep = new NeighbourSweep(tree, k, radius);
  for (let position = 0; position < tree.size; position++) {
    const row = order[position] - start;
    if (row < 0 || row >= rows) continue;
    const count = sweep.visit(position);
    const found = sweep.search;
    found.sort();
    counts[row] = count;
    for (let i = 0; i < count; i++) {
      indices[row * k + i] = order[found.positions[i]];
      squaredDistances[row * k + i] = found.squaredDistances[i];
    }
  }
  return { k, indices, squaredDistances, counts };
}

/**
 * The closest point of the tree for each of many queries.
 *
 * @param queries - xyz triples [3·M]
 * @throws {@link ShapeError} when their length is no multiple of 3.
 * @throws {@link ArgumentError} when a coordinate is not finite.
 */
export function nearestAll(tree: KdTree, queries: Coordinates): NearestTable {
  const count = countPoints('nearestAll', queries);
  const indices = new Int32Array(count).fill(-1);
  const squaredDistances = new Float64Array(count).fill(Infinity);
  const { order, coordinates } = tree;
  const search = new NeighbourSearch(tree, 1);
  let last = 0; // the answer to the query before: consecutive queries are often close together
  for (let i = 0; i < count && tree.size > 0; i++) {
    const x = queries[3 * i];
    const y = queries[3 * i + 1];
    const z = queries[3 * i + 2];
    const dx = coordinates[3 * last] - x;
    const dy = coordinates[3 * last + 1] - y;
    const dz = coordinates[3 * last + 2] - z;
    search.search(x, y, z, dx * dx + dy * dy + dz * dz);
    last = search.positions[0];
    indices[i] = order[last];
    squaredDistances[i] = search.squaredDistances[0];
  }
  return { indices, squaredDistances };
}

/**
 * Searches around the points of a tree, best one after the other in tree order: the k-th distance of the point before
 * is a good guess for the next. When it holds k points, the k nearest are among them; otherwise the search starts
 * again without the guess. So the guess only saves work: what is found does not depend on the points visited before.
 */
export class NeighbourSweep {
  /** Holds what the last visit found. */
  readonly search: NeighbourSearch;
  private readonly radiusLimit: number;
  private guess = Infinity;

  constructor(
    private readonly tree: KdTree,
    k: number,
    radius: number,
  ) {
    this.search = new NeighbourSearch(tree, k);
    this.radiusLimit = belowSquared(radius);
  }

  /** Finds the neighbours of the point at a position of the tree order; returns how many. */
  visit(position: number): number {
    const { search, radiusLimit } = this;
    const { coordinates } = this.tree;
    const x = coordinates[3 * position];
    const y = coordinates[3 * position + 1];
    const z = coordinates[3 * position + 2];
    let count = search.search(x, y, z, Math.min(this.guess, radiusLimit));
    if (count < search.k && this.guess < radiusLimit) count = search.search(x, y, z, radiusLimit);
    this.guess = count === search.k ? 1.2 * search.limit : Infinity;
    return count;
  }
}

/** `tree` when the caller has one, otherwise a new one. */
export function treeOf(where: string, points: Coordinates, tree: KdTree | undefined): KdTree {
  if (tree === undefined) return buildKdTree(points);
  if (3 * tree.size === points.length) return tree;
  throw new ShapeError(where, `the points of the tree [${3 * tree.size}]`, [points.length]);
}

function single(where: string, tree: KdTree, query: Vec3, k: number, radius: number): Neighbours {
  checkVec3(where, 'query', query);
  const search = new NeighbourSearch(tree, Math.min(k, tree.size));
  const count = search.search(query[0], query[1], query[2], belowSquared(radius));
  search.sort();
  const indices = new Uint32Array(count);
  for (let i = 0; i < count; i++) indices[i] = tree.order[search.positions[i]];
  return { indices, squaredDistances: search.squaredDistances.slice(0, count) };
}
