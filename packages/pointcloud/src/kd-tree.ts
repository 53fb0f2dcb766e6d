import { type Coordinates, countPoints } from './check-points.js';

/**
 * A static index over N points: a balanced binary tree whose nodes are boxes around ranges of points.
 *
 * Nodes are numbered like a heap, 0 is the root and node i has the children 2i + 1 and 2i + 2. All leaves lie on
 * the last level, which has a power of two of them. Everything is a typed array, so a tree can be sent to a worker.
 * Memory: about 40 bytes per point.
 */
export interface KdTree {
  /** Number of points N. */
  readonly size: number;
  /** xyz triples in **tree order**, length 3·N: neighbours in space are mostly neighbours in memory. A copy of the points. */
  readonly coordinates: Float64Array;
  /** Permutation of 0…N−1: `order[position]` is the caller's index of the point at `position` of the tree order. */
  readonly order: Uint32Array;
  /** Leaf i holds the positions `leafStarts[i]`…`leafStarts[i + 1] − 1`. Length: number of leaves + 1. */
  readonly leafStarts: Uint32Array;
  /** Six numbers per node: smallest x, y, z, then largest x, y, z of its points. */
  readonly boxes: Float64Array;
}

/** Most points a leaf may hold. Smaller leaves cost descents, larger ones distances; 8 to 16 are equally fast. */
export const leafCapacity = 15;

/**
 * Builds the index in O(N log N): every node is split at the median of the widest side of its box.
 *
 * An empty cloud gives an empty tree, in which nothing is ever found. Duplicates are kept.
 *
 * @param points - xyz triples [3·N]; copied, so they may change afterwards.
 * @throws {@link ShapeError} when the length is no multiple of 3.
 * @throws {@link ArgumentError} when a coordinate is not finite.
 */
export function buildKdTree(points: Coordinates): KdTree {
  const size = countPoints('buildKdTree', points);
  const depth = Math.max(0, Math.ceil(Math.log2(size / leafCapacity)));
  const leafCount = size === 0 ? 0 : 2 ** depth;
  const tree: KdTree = {
    size,
    coordinates: Float64Array.from(points),
    order: Uint32Array.from({ length: size }, (_, i) => i),
    leafStarts: new Uint32Array(leafCount + 1),
    boxes: new Float64Array(6 * Math.max(0, 2 * leafCount - 1)),
  };
  tree.leafStarts[leafCount] = size;
  if (size > 0) split(tree, 0, 0, size);
  return tree;
}

function split(tree: KdTree, node: number, start: number, end: number): void {
  const axis = fitBox(tree, node, start, end);
  const firstLeaf = tree.leafStarts.length - 2;
  if (node >= firstLeaf) {
    tree.leafStarts[node - firstLeaf] = start;
    return;
  }
  const middle = (start + end) >>> 1;
  placeNth(tree, axis, start, end - 1, middle);
  split(tree, 2 * node + 1, start, middle);
  split(tree, 2 * node + 2, middle, end);
}

/** Stores the box around the points of a range and returns the axis of its widest side, the first of equals. */
function fitBox({ coordinates, boxes }: KdTree, node: number, start: number, end: number): number {
  let minX = Infinity;
  let minY = Infinity;
  let minZ = Infinity;
  let maxX = -Infinity;
  let maxY = -Infinity;
  let maxZ = -Infinity;
  for (let i = 3 * start; i < 3 * end; i += 3) {
    const x = coordinates[i];
    const y = coordinates[i + 1];
    const z = coordinates[i + 2];
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
    if (z < minZ) minZ = z;
    if (z > maxZ) maxZ = z;
  }
  boxes.set([minX, minY, minZ, maxX, maxY, maxZ], 6 * node);
  const width = maxX - minX;
  const height = maxY - minY;
  const depth = maxZ - minZ;
  if (width >= height && width >= depth) return 0;
  return height >= depth ? 1 : 2;
}

/** Quickselect: afterwards no coordinate before position `nth` is larger than the one there, and none after it smaller. */
function placeNth(
  { coordinates, order }: KdTree,
  axis: number,
  first: number,
  last: number,
  nth: number,
): void {
  let low = first;
  let high = last;
  while (low < high) {
    const pivot = medianOfThree(
      coordinates[3 * low + axis],
      coordinates[3 * ((low + high) >>> 1) + axis],
      coordinates[3 * high + axis],
    );
    let i = low;
    let j = high;
    while (i <= j) {
      while (coordinates[3 * i + axis] < pivot) i++;
      while (coordinates[3 * j + axis] > pivot) j--;
      if (i > j) break;
      swapPoints(coordinates, order, i, j);
      i++;
      j--;
    }
    if (nth <= j) high = j;
    else if (nth >= i) low = i;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swapPoints(coordinates: Float64Array, order: Uint32Array, a: number, b: number): void {
  for (let axis = 0; axis < 3; axis++) {
    const kept = coordinates[3 * a + axis];
    coordinates[3 * a + axis] = coordinates[3 * b + axis];
    coordinates[3 * b + axis] = kept;
  }
  const kept = order[a];
  order[a] = order[b];
  order[b] = kept;
}
