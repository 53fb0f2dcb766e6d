import type { OrganisedCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import {
  buildKdTree,
  type Coordinates,
  computeFpfh,
  estimateNormals,
  type KdTree,
  type MissingTest,
  orientNormalsAlong,
  orientNormalsConsistently,
  orientNormalsTowards,
  toOrganised,
  toUnorganised,
} from '@anomclip/pointcloud';
import type { Neighbourhood, NormalOrientation } from './config.js';
import { poolFeatures } from './pool.js';

/** Numbers of one FPFH histogram, and of one bank row. */
export const FPFH_SIZE = 33;

export interface FpfhOptions {
  readonly normals: Neighbourhood;
  readonly fpfh: Neighbourhood;
  /** Or xyz triples [3·N]: the normals are turned to the side of these. */
  readonly normalOrientation: NormalOrientation | Float32Array;
}

/**
 * FPFH of points, from normals estimated from the points.
 *
 * @param points - xyz triples [3·N].
 * @returns [N, 33] row-major.
 */
export function fpfhOfPoints(points: Coordinates, options: FpfhOptions): Float32Array {
  const tree = buildKdTree(points);
  const estimated = estimateNormals(points, { ...options.normals, tree });
  const normals = orient(estimated, points, tree, options.normalOrientation);
  return computeFpfh(points, normals, { ...options.fpfh, tree });
}

/**
 * The patch features of a scan on the model's grid: FPFH of its points, zero where one is missing, averaged per patch.
 *
 * @returns [patches·patches, 33] row-major, or `null` when the scan has no points.
 */
export function patchFeatures(
  organised: OrganisedCloud,
  options: FpfhOptions & { readonly patches: number; readonly missing?: MissingTest },
): Float32Array | null {
  const { positions, index } = toUnorganised(organised, options.missing && { missing: options.missing });
  if (index.length === 0) return null;
  const [height, width] = organised.xyz.shape;
  const grid = toOrganised(fpfhOfPoints(positions, options), index, height, width, FPFH_SIZE);
  return poolFeatures(contiguous(grid), height, width, FPFH_SIZE, options.patches);
}

function orient(
  normals: Coordinates,
  points: Coordinates,
  tree: KdTree,
  orientation: FpfhOptions['normalOrientation'],
): Coordinates {
  if (orientation === 'none') return normals;
  if (orientation === 'camera') return orientNormalsTowards(points, normals, [0, 0, 0]);
  if (orientation === '+z') return orientNormalsAlong(normals, [0, 0, 1]);
  if (orientation === 'consistent') return orientNormalsConsistently(points, normals, { tree });
  return alike(normals, orientation);
}

/** The normals, each on the side that the given one points to. */
function alike(normals: Coordinates, given: Float32Array): Coordinates {
  const turned = normals.slice();
  for (let i = 0; i < turned.length; i += 3) {
    const product = turned[i] * given[i] + turned[i + 1] * given[i + 1] + turned[i + 2] * given[i + 2];
    if (product < 0) for (let axis = i; axis < i + 3; axis++) turned[axis] = -turned[axis];
  }
  return turned;
}
