import { ArgumentError } from '@anomclip/core';
import { anyCloser } from './any-closer.js';
import { type Coordinates, checkCount, countPoints } from './check-points.js';
import {
  buildNeighbourCells,
  densePoints,
  forEachNeighbourhood,
  type NeighbourCells,
  squaredDistance,
  squaredDistanceToBox,
} from './neighbour-cells.js';

/** Label of the points that belong to no cluster. */
export const NOISE = -1;

/** Options of {@link dbscan}. */
export interface DbscanOptions {
  /** Two points closer than this are neighbours, in the unit of the cloud. */
  eps: number;
  /** A point with at least this many neighbours, itself included, is a core point. */
  minPoints: number;
}

/**
 * Density-based clusters (DBSCAN, Ester et al. 1996): core points closer than `eps` share a cluster; a point
 * near a core point but not core itself joins, of the clusters it could join, the one with the smallest
 * number; the rest is {@link NOISE}. Clusters are numbered 0, 1, 2, … by their first core point.
 *
 * The result is that of the definition, found on cells in which all points are neighbours: thousands of
 * neighbours per point, as dense scans have them, make it faster and not slower. Only where `minPoints` exceeds what
 * a cube of side eps / √3 holds are neighbours counted one by one.
 *
 * @param points - xyz triples, length 3·N.
 * @returns [N] the cluster of each point, or −1.
 * @throws {@link ArgumentError} when an option is out of range, or a coordinate is not finite.
 */
export function dbscan(points: Coordinates, options: DbscanOptions): Int32Array {
  const { eps, minPoints } = options;
  const count = countPoints('dbscan', points);
  if (!(eps > 0 && eps < Infinity)) throw new ArgumentError('dbscan: eps', 'a finite length above 0', eps);
  checkCount('dbscan', 'minPoints', minPoints);

  const cells = buildNeighbourCells('dbscan', points, eps);
  const isCore = densePoints(cells, minPoints);
  const cores = coresByCell(cells, isCore);
  const parent = uniteCells(cells, cores);

  const { cellCount, cellOf } = cells;
  const clusterOf = new Int32Array(cellCount).fill(NOISE); // by root, then by cell
  const labels = new Int32Array(count).fill(NOISE);
  let clusterCount = 0;
  for (let i = 0; i < count; i++) {
    if (!isCore[i]) continue;
    const root = find(parent, cellOf[i]);
    if (clusterOf[root] === NOISE) clusterOf[root] = clusterCount++;
    labels[i] = clusterOf[root];
  }
  for (let cell = 0; cell < cellCount; cell++) clusterOf[cell] = clusterOf[find(parent, cell)];
  labelBorder(cells, cores, clusterOf, isCore, labels);
  return labels;
}

/**
 * The label that occurs most often; on a tie the smaller one.
 *
 * @param options - `ignoreNoise`: leave {@link NOISE} out; by default it counts like a cluster, as in the
 * published cleaning of MVTec 3D-AD.
 * @returns `null` when there is nothing to choose from.
 */
export function largestCluster(labels: Int32Array, options: { ignoreNoise?: boolean } = {}): number | null {
  const { ignoreNoise = false } = options;
  const counts = new Map<number, number>();
  for (const label of labels) {
    if (!ignoreNoise || label !== NOISE) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  let largest: number | null = null;
  let largestCount = 0;
  for (const [label, count] of counts) {
    if (count > largestCount || (count === largestCount && largest !== null && label < largest)) {
      largest = label;
      largestCount = count;
    }
  }
  return largest;
}

/** The core points of every cell, cell after cell. */
interface Cores {
  /** xyz triples. */
  readonly positions: Float64Array;
  /** [cells + 1] where each cell starts. */
  readonly starts: Uint32Array;
}

function coresByCell(
  { cellCount, order, starts: cellStarts, sorted }: NeighbourCells,
  isCore: Uint8Array,
): Cores {
  const starts = new Uint32Array(cellCount + 1);
  const positions = new Float64Array(sorted.length);
  let next = 0;
  for (let cell = 0; cell < cellCount; cell++) {
    for (let rank = cellStarts[cell]; rank < cellStarts[cell + 1]; rank++) {
      if (!isCore[order[rank]]) continue;
      for (let axis = 0; axis < 3; axis++) positions[3 * next + axis] = sorted[3 * rank + axis];
      next++;
    }
    starts[cell + 1] = next;
  }
  return { positions: positions.subarray(0, 3 * next), starts };
}

/** Joins the cells whose core points are closer than eps; returns the parent of each cell in a forest. */
function uniteCells(cells: NeighbourCells, { positions, starts }: Cores): Uint32Array {
  const { squaredRadius, boxes } = cells;
  const parent = Uint32Array.from({ length: cells.cellCount }, (_, cell) => cell);
  const hasCores = (cell: number) => starts[cell] < starts[cell + 1];
  // Adjacent cells first, over the whole cloud: most pairs two cells apart are united by then and cost nothing.
  for (const reach of [1, 2]) {
    forEachNeighbourhood(cells, reach, (cell, around, aroundCount) => {
      if (!hasCores(cell)) return;
      for (let k = 0; k < aroundCount; k++) {
        const other = around[k];
        if (other <= cell || !hasCores(other)) continue;
        const root = find(parent, cell);
        const otherRoot = find(parent, other);
        if (root === otherRoot || squaredGap(boxes, 6 * cell, 6 * other) >= squaredRadius) continue;
        if (
          anyCloser(
            positions,
            starts[cell],
            starts[cell + 1],
            starts[other],
            starts[other + 1],
            squaredRadius,
          )
        ) {
          parent[Math.max(root, otherRoot)] = Math.min(root, otherRoot);
        }
      }
    });
  }
  return parent;
}

function find(parent: Uint32Array, cell: number): number {
  let root = cell;
  while (parent[root] !== root) {
    parent[root] = parent[parent[root]];
    root = parent[root];
  }
  return root;
}

function squaredGap(boxes: Float64Array, a: number, b: number): number {
  const dx = Math.max(boxes[a] - boxes[b + 3], 0, boxes[b] - boxes[a + 3]);
  const dy = Math.max(boxes[a + 1] - boxes[b + 4], 0, boxes[b + 1] - boxes[a + 4]);
  const dz = Math.max(boxes[a + 2] - boxes[b + 5], 0, boxes[b + 2] - boxes[a + 5]);
  return dx * dx + dy * dy + dz * dz;
}

/** Gives every point that is not core the smallest cluster with a core point closer than eps. */
function labelBorder(
  cells: NeighbourCells,
  cores: Cores,
  clusterOf: Int32Array,
  isCore: Uint8Array,
  labels: Int32Array,
): void {
  const { order, starts, sorted, boxes, squaredRadius } = cells;
  forEachNeighbourhood(cells, 2, (cell, around, aroundCount) => {
    for (let rank = starts[cell]; rank < starts[cell + 1]; rank++) {
      const index = order[rank];
      if (isCore[index]) continue;
      const x = sorted[3 * rank];
      const y = sorted[3 * rank + 1];
      const z = sorted[3 * rank + 2];
      let best = NOISE;
      for (let k = 0; k < aroundCount; k++) {
        const other = around[k];
        const cluster = clusterOf[other];
        if (cluster === NOISE || (best !== NOISE && cluster >= best)) continue;
        if (squaredDistanceToBox(boxes, 6 * other, x, y, z) >= squaredRadius) continue;
        for (let i = cores.starts[other]; i < cores.starts[other + 1]; i++) {
          if (squaredDistance(cores.positions, i, x, y, z) >= squaredRadius) continue;
          best = cluster;
          break;
        }
      }
      labels[index] = best;
    }
  });
}
