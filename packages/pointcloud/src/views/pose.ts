import { ShapeError } from '@anomclip/core';
import { type Coordinates, checkVec3, countPoints } from '../check-points.js';
import type { Vec3 } from '../neighbours.js';
import { centroid, type Matrix3 } from '../rotations.js';

/** A rigid turn of the cloud about a centre. */
export interface Pose {
  /** 3 × 3, row-major; it acts on column vectors from the left. */
  readonly rotation: Matrix3;
}

/**
 * R (p − centre) + centre for every point. With centre (0, 0, 0) it turns directions such as normals.
 *
 * Unlike `rotatePoints` it keeps float64: the camera is fitted to the turned points.
 *
 * @param positions - xyz triples, length 3·N; all finite.
 * @param centre - Default: the mean of the points.
 * @returns [3·N], a new array. No points give none.
 * @throws {@link ShapeError} when `positions` are no triples, or the rotation is no 3 × 3 matrix.
 * @throws {@link ArgumentError} when a coordinate is not finite.
 */
export function rotateAbout(
  positions: Coordinates,
  pose: Pose,
  centre: Vec3 = centroid(positions),
): Float64Array {
  countPoints('rotateAbout', positions);
  checkVec3('rotateAbout', 'centre', centre);
  checkPose('rotateAbout', pose);
  const [r00, r01, r02, r10, r11, r12, r20, r21, r22] = pose.rotation;
  const cx = centre[0];
  const cy = centre[1];
  const cz = centre[2];
  const turned = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    const x = positions[i] - cx;
    const y = positions[i + 1] - cy;
    const z = positions[i + 2] - cz;
    turned[i] = r00 * x + r01 * y + r02 * z + cx;
    turned[i + 1] = r10 * x + r11 * y + r12 * z + cy;
    turned[i + 2] = r20 * x + r21 * y + r22 * z + cz;
  }
  return turned;
}

/** @throws {@link ShapeError} unless the rotation has nine numbers. */
export function checkPose(where: string, { rotation }: Pose): void {
  if (rotation.length !== 9) throw new ShapeError(`${where}: rotation`, '3 × 3 numbers', [rotation.length]);
}
