import { ArgumentError } from '../errors.js';

/**
 * Farthest point sampling (Qi et al. 2017, arXiv:1706.02413): starts with point 0 and takes, again and again, the point
 * that is farthest from those taken; of equally far ones the first.
 *
 * @param points - xyz triples of one cloud, N points.
 * @param count - From 1 to N.
 * @returns Indices in the order of their choice.
 */
export function farthestPoints(points: Float32Array, count: number): Int32Array {
  const total = points.length / 3;
  if (!(Number.isInteger(count) && count >= 1 && count <= total)) {
    throw new ArgumentError('farthestPoints', `a count from 1 to ${total}`, count);
  }
  const chosen = new Int32Array(count);
  const squaredDistances = new Float64Array(total).fill(Number.POSITIVE_INFINITY);
  for (let i = 1; i < count; i++) {
    let farthest = 0;
    for (let point = 0; point < total; point++) {
      const squaredDistance = squaredDistanceOf(points, point, points, chosen[i - 1]);
      if (squaredDistance < squaredDistances[point]) squaredDistances[point] = squaredDistance;
      if (squaredDistances[point] > squaredDistances[farthest]) farthest = point;
    }
    chosen[i] = farthest;
  }
  return chosen;
}

/**
 * The first points in index order that are nearer to each centre than a radius; a group that is not full repeats its
 * first point, and a centre without neighbours is given point 0.
 *
 * @param points - xyz triples, N points.
 * @param centres - xyz triples, S centres.
 * @returns [S, groupSize] indices into `points`, row-major.
 */
export function ballQuery(
  points: Float32Array,
  centres: Float32Array,
  radius: number,
  groupSize: number,
): Int32Array {
  const [total, count] = [points.length / 3, centres.length / 3];
  const groups = new Int32Array(count * groupSize);
  for (let centre = 0; centre < count; centre++) {
    const group = groups.subarray(centre * groupSize, (centre + 1) * groupSize);
    let found = 0;
    for (let point = 0; point < total && found < groupSize; point++) {
      if (squaredDistanceOf(points, point, centres, centre) < radius * radius) group[found++] = point;
    }
    group.fill(group[0], found);
  }
  return groups;
}

/** xyz triples of chosen points. */
export function pointsAt(points: Float32Array, indices: Int32Array): Float32Array {
  const chosen = new Float32Array(3 * indices.length);
  for (const [i, index] of indices.entries()) chosen.set(points.subarray(3 * index, 3 * index + 3), 3 * i);
  return chosen;
}

function squaredDistanceOf(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const x = a[3 * i] - b[3 * j];
  const y = a[3 * i + 1] - b[3 * j + 1];
  const z = a[3 * i + 2] - b[3 * j + 2];
  return x * x + y * y + z * z;
}
