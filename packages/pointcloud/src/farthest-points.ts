import { ArgumentError } from '@anomclip/core';
import { type Coordinates, checkCount, countPoints } from './check-points.js';
import { buildKdTree, type KdTree } from './kd-tree.js';
import { squaredDistanceToBox } from './neighbour-search.js';

/** Options of {@link farthestPoints}. */
export interface FarthestPointsOptions {
  /** Index of the first point. @defaultValue 0 */
  start?: number;
  /** Return exactly `m` indices also of a cloud with fewer points, repeating index 0. @defaultValue false */
  pad?: boolean;
}

/**
 * Farthest point sampling: beginning at `start`, always the point farthest from those already chosen, the
 * lowest index on ties. The chosen points are distinct, also where their positions coincide.
 *
 * Exact, and much faster than its plain form, which takes O(m · N): a k-d tree skips the points that a new choice cannot
 * change, so that a step costs little more than O(log N) once the choices are dense.
 *
 * @param points - xyz triples, length 3·N.
 * @returns Indices in the order they were chosen: min(m, N) of them, `m` with `pad`.
 * @throws {@link ArgumentError} when `m` or `start` is out of range, when a coordinate is not finite, or when
 * an empty cloud is to be padded.
 */
export function farthestPoints(
  points: Coordinates,
  m: number,
  options: FarthestPointsOptions = {},
): Uint32Array {
  const { start = 0, pad = false } = options;
  const count = countPoints('farthestPoints', points);
  checkCount('farthestPoints', 'm', m, 0);
  if (count === 0 && pad && m > 0) {
    throw new ArgumentError('farthestPoints', 'at least one point to pad with', 'an empty cloud');
  }
  if (!Number.isInteger(start) || start < 0 || (start >= count && count > 0)) {
    throw new ArgumentError('farthestPoints: start', `an index below ${count}`, start);
  }

  const chosen = chooseFarthest(buildKdTree(points), Math.min(m, count), start);
  if (!pad) return chosen;
  const padded = new Uint32Array(m);
  padded.set(chosen);
  return padded;
}

/** Below every squared distance, so that a chosen point is never the farthest again. */
const CHOSEN = -1;

/**
 * Every node of the tree knows the farthest of its points, so that the root knows the next choice. A newly chosen point
 * changes only nodes whose box is closer to it than their farthest point is to those chosen before.
 */
function chooseFarthest(tree: KdTree, m: number, start: number): Uint32Array {
  const { size, coordinates, order, leafStarts, boxes } = tree;
  const firstLeaf = leafStarts.length - 2;
  const squaredDistances = new Float64Array(size).fill(Infinity); // to the nearest chosen point, in tree order
  const largest = new Float64Array(boxes.length / 6).fill(Infinity); // of each node
  const farthest = new Uint32Array(boxes.length / 6); // position of that point in the tree order
  const positionOf = new Uint32Array(size);
  for (let position = 0; position < size; position++) positionOf[order[position]] = position;

  const update = (node: number, x: number, y: number, z: number): void => {
    // Equality is not skipped: the chosen point itself must be marked where all distances are 0.
    if (squaredDistanceToBox(boxes, node, x, y, z) > largest[node]) return;
    if (node < firstLeaf) {
      const left = 2 * node + 1;
      update(left, x, y, z);
      update(left + 1, x, y, z);
      const difference = largest[left] - largest[left + 1];
      const leftWins =
        difference > 0 || (difference === 0 && order[farthest[left]] < order[farthest[left + 1]]);
      largest[node] = leftWins ? largest[left] : largest[left + 1];
      farthest[node] = leftWins ? farthest[left] : farthest[left + 1];
      return;
    }
    const end = leafStarts[node - firstLeaf + 1];
    let best = -Infinity;
    let bestPosition = 0;
    for (let position = leafStarts[node - firstLeaf], i = 3 * position; position < end; position++, i += 3) {
      const dx = coordinates[i] - x;
      const dy = coordinates[i + 1] - y;
      const dz = coordinates[i + 2] - z;
      const squaredDistance = dx * dx + dy * dy + dz * dz;
      if (squaredDistance < squaredDistances[position]) squaredDistances[position] = squaredDistance;
      const nearest = squaredDistances[position];
      if (nearest > best || (nearest === best && order[position] < order[bestPosition])) {
        best = nearest;
        bestPosition = position;
      }
    }
    largest[node] = best;
    farthest[node] = bestPosition;
  };

  const chosen = new Uint32Array(m);
  let current = positionOf[start];
  for (let step = 0; step < m; step++) {
    chosen[step] = order[current];
    squaredDistances[current] = CHOSEN;
    const i = 3 * current;
    update(0, coordinates[i], coordinates[i + 1], coordinates[i + 2]);
    current = farthest[0];
  }
  return chosen;
}
