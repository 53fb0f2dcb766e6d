import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import type { Coordinates } from './check-points.js';
import type { Vec3 } from './neighbours.js';
import type { Xyz } from './xyz.js';

/** A 3 × 3 matrix, row-major, length 9. It acts on column vectors from the left. */
export type Matrix3 = Float64Array;

/** Rotation about x: [1 0 0; 0 c −s; 0 s c]. Right-handed, radians. */
export function rotationX(angle: number): Matrix3 {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return Float64Array.of(1, 0, 0, 0, c, -s, 0, s, c);
}

/** Rotation about y: [c 0 s; 0 1 0; −s 0 c]. Right-handed, radians. */
export function rotationY(angle: number): Matrix3 {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return Float64Array.of(c, 0, s, 0, 1, 0, -s, 0, c);
}

/** Rotation about z: [c −s 0; s c 0; 0 0 1]. Right-handed, radians. */
export function rotationZ(angle: number): Matrix3 {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1);
}

/** Rx(a) · Ry(b) · Rz(g): about z first, then y, then x. Open3D's `get_rotation_matrix_from_xyz`. */
export function rotationXyz(a: number, b: number, g: number): Matrix3 {
  return composeRotations(composeRotations(rotationX(a), rotationY(b)), rotationZ(g));
}

/**
 * Rotation by `angle` radians about `axis` (any length): cos t · I + sin t · [u]× + (1 − cos t) · u uᵀ.
 *
 * @throws {@link ArgumentError} when the axis is zero.
 */
export function rotationAbout(axis: Vec3, angle: number): Matrix3 {
  const length = Math.hypot(axis[0], axis[1], axis[2]);
  if (!(length > 0)) throw new ArgumentError('rotationAbout: axis', 'a vector of length above 0', axis);
  const x = axis[0] / length;
  const y = axis[1] / length;
  const z = axis[2] / length;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const t = 1 - c;
  return Float64Array.of(
    c + t * x * x,
    t * x * y - s * z,
    t * x * z + s * y,
    t * x * y + s * z,
    c + t * y * y,
    t * y * z - s * x,
    t * x * z - s * y,
    t * y * z + s * x,
    c + t * z * z,
  );
}

/** A rotation drawn uniformly from all rotations: a unit quaternion of four normal numbers. */
export function randomRotation(rng: Rng): Matrix3 {
  const quaternion = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const length = Math.hypot(...quaternion);
  const [w, x, y, z] = quaternion.map((component) => component / length);
  return Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  );
}

/** The matrix product a · b: the rotation `b`, then `a`. */
export function composeRotations(a: Matrix3, b: Matrix3): Matrix3 {
  const product = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      for (let k = 0; k < 3; k++) product[3 * row + column] += a[3 * row + k] * b[3 * k + column];
    }
  }
  return product;
}

/**
 * R (p − centre) + centre for every point. With centre (0, 0, 0) it rotates directions such as normals.
 *
 * @param points - xyz triples, length 3·N.
 * @param centre - Default: the mean of the points.
 * @throws {@link ShapeError} when `points` are no triples, or `rotation` is no 3 × 3 matrix.
 */
export function rotatePoints(
  points: Coordinates,
  rotation: Matrix3,
  centre: Vec3 = centroid(points),
): Float32Array {
  if (points.length % 3 !== 0)
    throw new ShapeError('rotatePoints', 'xyz triples, length 3·N', [points.length]);
  if (rotation.length !== 9) throw new ShapeError('rotatePoints: rotation', '9 numbers', [rotation.length]);
  const [r00, r01, r02, r10, r11, r12, r20, r21, r22] = rotation;
  const cx = centre[0];
  const cy = centre[1];
  const cz = centre[2];
  const rotated = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i] - cx;
    const y = points[i + 1] - cy;
    const z = points[i + 2] - cz;
    rotated[i] = r00 * x + r01 * y + r02 * z + cx;
    rotated[i + 1] = r10 * x + r11 * y + r12 * z + cy;
    rotated[i + 2] = r20 * x + r21 * y + r22 * z + cz;
  }
  return rotated;
}

/** The mean of the points (xyz triples); (0, 0, 0) of none. */
export function centroid(points: Coordinates): Xyz {
  let x = 0;
  let y = 0;
  let z = 0;
  for (let i = 0; i < points.length; i += 3) {
    x += points[i];
    y += points[i + 1];
    z += points[i + 2];
  }
  const count = Math.max(1, points.length / 3);
  return [x / count, y / count, z / count];
}

/**
 * All triples of the given angles for {@link rotationXyz}, x in the outermost loop and z in the innermost:
 * A³ views. The first is the identity when `angles` begins with 0.
 *
 * @param angles - Radians. Default: 0, −15°, +15°, the 27 views of CPMF.
 */
export function viewGrid(angles: readonly number[] = [0, -Math.PI / 12, Math.PI / 12]): Xyz[] {
  return angles.flatMap((x) => angles.flatMap((y) => angles.map((z): Xyz => [x, y, z])));
}
