import type { Coordinates } from '../check-points.js';
import { buildKdTree, type KdTree } from '../kd-tree.js';
import { knnAll } from '../neighbours.js';
import type { Camera } from './camera.js';
import type { Projection } from './project-points.js';

/** Neighbours that a spacing is the mean distance to. */
const neighbours = 4;
/** Outliers are far from everything; they must not become large squares. In medians. */
const mostSpacing = 3;

/**
 * How far every point is from its neighbours: the mean distance to its four nearest, but at most three times the median of
 * all points. [N] in the unit of the cloud; 0 for a single point.
 *
 * @throws {@link ShapeError} when `positions` are no triples, {@link ArgumentError} when a coordinate is not finite.
 */
export function pointSpacing(positions: Coordinates, tree: KdTree = buildKdTree(positions)): Float64Array {
  const { k, squaredDistances } = knnAll(tree, { k: neighbours + 1 });
  const spacing = new Float64Array(tree.size);
  if (k < 2) return spacing;
  for (let i = 0; i < tree.size; i++) {
    // The first of a row is the point itself.
    for (let j = i * k + 1; j < (i + 1) * k; j++) spacing[i] += Math.sqrt(squaredDistances[j]) / (k - 1);
  }
  const limit = mostSpacing * spacing.slice().sort()[tree.size >> 1];
  return limit > 0 ? spacing.map((value) => Math.min(value, limit)) : spacing;
}

/**
 * Squares that leave no holes in a surface: ⌈1.5 · focal · spacing / depth⌉ pixels (`pointcloud.md` 13), and at least
 * `least`.
 */
export function adaptivePointSizes(
  spacing: Float64Array,
  { depth }: Projection,
  { focal, near }: Camera,
  least: number,
): Float64Array {
  return spacing.map((value, i) =>
    Math.max(least, Math.ceil((1.5 * focal * value) / Math.max(depth[i], near))),
  );
}
