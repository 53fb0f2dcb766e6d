/** A direction or a place. */
export type Vec3 = readonly [x: number, y: number, z: number];

/**
 * Which way is out of the material at a point: its own normal if it has one; otherwise the direction in which its
 * neighbours are spread least, pointing away from the middle of the cloud. For points in a row or on one spot, the
 * direction from that middle, or +z at the middle itself.
 *
 * @param neighbours - Indices of the points around it, itself included.
 */
export function outwardsAt(
  points: Float32Array,
  normals: Float32Array | undefined,
  point: number,
  neighbours: ArrayLike<number>,
  middle: Vec3,
): Vec3 {
  const given = normals && unit(normals[3 * point], normals[3 * point + 1], normals[3 * point + 2]);
  if (given) return given;
  const away: Vec3 = [
    points[3 * point] - middle[0],
    points[3 * point + 1] - middle[1],
    points[3 * point + 2] - middle[2],
  ];
  const normal = neighbours.length < 3 ? undefined : planeNormal(points, neighbours);
  if (normal === undefined) return unit(...away) ?? [0, 0, 1];
  const isInwards = normal[0] * away[0] + normal[1] * away[1] + normal[2] * away[2] < 0;
  return isInwards ? [-normal[0], -normal[1], -normal[2]] : normal;
}

/** Undefined for a vector without a direction. */
export function unit(x: number, y: number, z: number): Vec3 | undefined {
  const length = Math.sqrt(x * x + y * y + z * z);
  return length > 0 && length < Number.POSITIVE_INFINITY ? [x / length, y / length, z / length] : undefined;
}

/** Least-squares normal: the largest cofactor column of the covariance, which is exact for points on a plane. */
function planeNormal(points: Float32Array, indices: ArrayLike<number>): Vec3 | undefined {
  const mean = [0, 0, 0];
  for (let i = 0; i < indices.length; i++) {
    for (let axis = 0; axis < 3; axis++) mean[axis] += points[3 * indices[i] + axis] / indices.length;
  }
  let [xx, xy, xz, yy, yz, zz] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < indices.length; i++) {
    const [x, y, z] = [0, 1, 2].map((axis) => points[3 * indices[i] + axis] - mean[axis]);
    xx += x * x;
    xy += x * y;
    xz += x * z;
    yy += y * y;
    yz += y * z;
    zz += z * z;
  }
  const columns: Vec3[] = [
    [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy],
    [xz * yz - xy * zz, xx * zz - xz * xz, xy * xz - yz * xx],
    [xy * yz - xz * yy, xy * xz - yz * xx, xx * yy - xy * xy],
  ];
  const largest = columns.reduce((a, b, i) => (b[i] > a.value ? { value: b[i], column: b } : a), {
    // Points in a row leave nothing but rounding.
    value: 1e-12 * (xx + yy + zz) * (xx + yy + zz),
    column: undefined as Vec3 | undefined,
  });
  return largest.column && unit(...largest.column);
}
