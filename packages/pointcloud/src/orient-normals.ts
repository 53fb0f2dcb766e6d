import {
  type Coordinates,
  checkCount,
  checkNormals,
  checkVec3,
  countPoints,
  type Vec3,
} from './check-points.js';
import type { KdTree } from './kd-tree.js';
import { knnAll, treeOf } from './neighbours.js';

/**
 * Turns every normal to the side of the surface that `viewpoint` sees: n · (viewpoint − p) ≥ 0. Scans taken by a
 * camera at the origin want `[0, 0, 0]`. A zero normal becomes the direction to the viewpoint.
 *
 * @param points - xyz triples [3·N]
 * @param normals - [3·N]; a new array is returned.
 */
export function orientNormalsTowards<T extends Coordinates>(
  points: Coordinates,
  normals: T,
  viewpoint: Vec3,
): T {
  checkNormals('orientNormalsTowards', points, normals);
  checkVec3('orientNormalsTowards', 'viewpoint', viewpoint);
  const oriented = copyOf(normals);
  for (let i = 0; i < points.length; i += 3) {
    const dx = viewpoint[0] - points[i];
    const dy = viewpoint[1] - points[i + 1];
    const dz = viewpoint[2] - points[i + 2];
    if (normals[i] === 0 && normals[i + 1] === 0 && normals[i + 2] === 0) {
      const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
      oriented.set(length > 0 ? [dx / length, dy / length, dz / length] : [0, 0, 1], i);
    } else if (normals[i] * dx + normals[i + 1] * dy + normals[i + 2] * dz < 0) {
      flip(oriented, i);
    }
  }
  return oriented;
}

/**
 * Turns every normal into the half space of `direction`: n · direction ≥ 0.
 *
 * @param normals - [3·N]; a new array is returned.
 */
export function orientNormalsAlong<T extends Coordinates>(normals: T, direction: Vec3): T {
  countPoints('orientNormalsAlong', normals);
  checkVec3('orientNormalsAlong', 'direction', direction);
  const oriented = copyOf(normals);
  for (let i = 0; i < normals.length; i += 3) {
    const along = normals[i] * direction[0] + normals[i + 1] * direction[1] + normals[i + 2] * direction[2];
    if (along < 0) flip(oriented, i);
  }
  return oriented;
}

export interface ConsistentOrientationOptions {
  /** Neighbours that each point is linked with, itself included. @defaultValue 10 */
  k?: number;
  /** The index of the same points, when there is one already. */
  tree?: KdTree;
}

/**
 * Turns the normals so that neighbours agree (Hoppe et al. 1992): along the minimum spanning tree of the neighbourhood
 * graph, whose edges weigh 1 − |nᵢ · nⱼ|, each normal takes the side of the one before it. Every connected part starts
 * at its point of smallest z, whose normal is made to have z ≤ 0: outwards for a closed surface.
 *
 * @param points - xyz triples [3·N]
 * @param normals - unit normals [3·N]; a new array is returned.
 */
export function orientNormalsConsistently<T extends Coordinates>(
  points: Coordinates,
  normals: T,
  options: ConsistentOrientationOptions = {},
): T {
  const { k = 10 } = options;
  checkNormals('orientNormalsConsistently', points, normals);
  checkCount('orientNormalsConsistently', 'k', k, 2);
  const tree = treeOf('orientNormalsConsistently', points, options.tree);
  const graph = neighbourGraph(tree, k);
  const oriented = copyOf(normals);
  const visited = new Uint8Array(tree.size);
  const edges = new EdgeQueue();

  // Prim's algorithm: a normal is final when its point joins the spanning tree, so it can be passed on at once.
  function join(point: number): void {
    visited[point] = 1;
    for (let i = graph.starts[point]; i < graph.starts[point + 1]; i++) {
      const to = graph.targets[i];
      if (!visited[to]) edges.push(1 - Math.abs(dot(oriented, point, to)), point, to);
    }
  }
  for (const root of byHeight(points)) {
    if (visited[root]) continue;
    if (oriented[3 * root + 2] > 0) flip(oriented, 3 * root);
    join(root);
    for (let edge = edges.pop(); edge !== undefined; edge = edges.pop()) {
      const { from, to } = edge;
      if (visited[to]) continue;
      if (dot(oriented, from, to) < 0) flip(oriented, 3 * to);
      join(to);
    }
  }
  return oriented;
}

function copyOf<T extends Coordinates>(normals: T): T {
  return normals.slice() as T;
}

function flip(normals: Coordinates, start: number): void {
  for (let i = start; i < start + 3; i++) normals[i] = -normals[i];
}

function dot(normals: Coordinates, a: number, b: number): number {
  return (
    normals[3 * a] * normals[3 * b] +
    normals[3 * a + 1] * normals[3 * b + 1] +
    normals[3 * a + 2] * normals[3 * b + 2]
  );
}

/** Indices by ascending z, the lower index first among equals. */
function byHeight(points: Coordinates): Uint32Array {
  const indices = Uint32Array.from({ length: points.length / 3 }, (_, i) => i);
  return indices.sort((a, b) => points[3 * a + 2] - points[3 * b + 2] || a - b);
}

/** The links of each point in both directions: `targets[starts[i]]` … `targets[starts[i + 1] − 1]`. */
function neighbourGraph(tree: KdTree, neighbours: number): { starts: Uint32Array; targets: Uint32Array } {
  const { k, indices } = knnAll(tree, { k: neighbours });
  const starts = new Uint32Array(tree.size + 1);
  for (let i = 0; i < indices.length; i++) {
    starts[Math.floor(i / k) + 1]++;
    starts[indices[i] + 1]++;
  }
  for (let i = 0; i < tree.size; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const targets = new Uint32Array(2 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = Math.floor(i / k);
    targets[next[from]++] = indices[i];
    targets[next[indices[i]]++] = from;
  }
  return { starts, targets };
}

interface Edge {
  weight: number;
  from: number;
  to: number;
}

/** A binary heap; the lightest edge comes first, among equals the one to the lower index, then from the lower index. */
class EdgeQueue {
  private readonly heap: Edge[] = [];

  push(weight: number, from: number, to: number): void {
    const { heap } = this;
    const edge = { weight, from, to };
    let place = heap.length;
    heap.push(edge);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (!isBefore(edge, heap[parent])) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = edge;
  }

  pop(): Edge | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return last;
    let place = 0;
    while (true) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(a: Edge, b: Edge): boolean {
  return a.weight !== b.weight ? a.weight < b.weight : a.to !== b.to ? a.to < b.to : a.from < b.from;
}
