import { type Coordinates, checkChoice, checkCount, checkRadius } from './check-points.js';
import { type NormalSolver, smallestEigenvectorClosedForm, smallestEigenvectorJacobi } from './eigen.js';
import type { KdTree } from './kd-tree.js';
import { NeighbourSweep, treeOf } from './neighbours.js';
import { scatterRows } from './scatter-rows.js';

export type { NormalSolver } from './eigen.js';

export interface NormalOptions {
  /** Only neighbours strictly closer than this count, in the unit of the cloud. @defaultValue Infinity */
  radius?: number;
  /** Most neighbours of a point, itself included. @defaultValue 30 */
  maxNeighbours?: number;
  /**
   * `closed-form` gives each normal the sign that Open3D gives it, which varies across a surface; `jacobi` makes the
   * component of largest absolute value positive. @defaultValue 'closed-form'
   */
  solver?: NormalSolver;
  /** The index of the same points, when there is one already. */
  tree?: KdTree;
}

/**
 * Unit normals [3·N], of the same kind of array as the points: the direction in which the neighbours of a point, itself included, vary least. The sign is
 * arbitrary; see {@link orientNormalsTowards} and its siblings.
 *
 * Points with fewer than three neighbours and points whose neighbours are all the same get (0, 0, 1), so a single
 * point and a cloud of duplicates have normals too. An empty cloud gives an empty array.
 *
 * @param points - xyz triples [3·N]
 * @throws {@link ShapeError} when the length is no multiple of 3.
 * @throws {@link ArgumentError} when a coordinate is not finite or an option makes no sense.
 */
export function estimateNormals<T extends Coordinates>(points: T, options: NormalOptions = {}): T {
  checkNormalOptions('estimateNormals', options);
  const tree = treeOf('estimateNormals', points, options.tree);
  const normals = points.slice() as T; // the right kind and length; every value is replaced
  scatterRows(normalsOfRange(tree, options, 0, tree.size), tree.order, 0, 3, normals);
  return normals;
}

/** @throws {@link ArgumentError} when an option makes no sense. */
export function checkNormalOptions(where: string, options: NormalOptions): void {
  const { radius = Infinity, maxNeighbours = 30, solver = 'closed-form' } = options;
  checkRadius(where, radius);
  checkCount(where, 'maxNeighbours', maxNeighbours);
  checkChoice(where, 'solver', solver, ['closed-form', 'jacobi']);
}

/** Normals of the positions `start`…`end − 1` of the tree order; they do not depend on how the range was chosen. */
export function normalsOfRange(
  tree: KdTree,
  options: NormalOptions,
  start: number,
  end: number,
): Float64Array {
  const { radius = Infinity, maxNeighbours = 30, solver = 'closed-form' } = options;
  const smallestEigenvector = solver === 'jacobi' ? smallestEigenvectorJacobi : smallestEigenvectorClosedForm;
  const normals = new Float64Array(3 * (end - start));
  const covariance = new Float64Array(6);
  const normal = new Float64Array(3);
  const sweep = new NeighbourSweep(tree, Math.min(maxNeighbours, tree.size), radius);
  for (let position = start; position < end; position++) {
    const count = sweep.visit(position);
    normal.set(upwards);
    if (count >= 3) {
      accumulateCovariance(tree.coordinates, position, sweep.search.positions, count, covariance);
      smallestEigenvector(covariance, normal);
    }
    normals.set(normal, 3 * (position - start));
  }
  return normals;
}

const upwards = [0, 0, 1];

/** Covariance of the neighbours, divided by their number, in coordinates relative to the point in their middle. */
function accumulateCovariance(
  coordinates: Float64Array,
  position: number,
  neighbours: Int32Array,
  count: number,
  covariance: Float64Array,
): void {
  const originX = coordinates[3 * position];
  const originY = coordinates[3 * position + 1];
  const originZ = coordinates[3 * position + 2];
  let [sx, sy, sz] = [0, 0, 0];
  let [sxx, sxy, sxz, syy, syz, szz] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const neighbour = 3 * neighbours[i];
    const x = coordinates[neighbour] - originX;
    const y = coordinates[neighbour + 1] - originY;
    const z = coordinates[neighbour + 2] - originZ;
    sx += x;
    sy += y;
    sz += z;
    sxx += x * x;
    sxy += x * y;
    sxz += x * z;
    syy += y * y;
    syz += y * z;
    szz += z * z;
  }
  const mx = sx / count;
  const my = sy / count;
  const mz = sz / count;
  covariance[0] = sxx / count - mx * mx;
  covariance[1] = sxy / count - mx * my;
  covariance[2] = sxz / count - mx * mz;
  covariance[3] = syy / count - my * my;
  covariance[4] = syz / count - my * mz;
  covariance[5] = szz / count - mz * mz;
}
