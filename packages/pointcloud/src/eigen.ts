/** A symmetric 3 × 3 matrix by its upper triangle: xx, xy, xz, yy, yz, zz. */
export type Symmetric3 = Float64Array;

/** How the smallest eigenvector is found; the two differ in sign and, where eigenvalues are nearly equal, in accuracy. */
export type NormalSolver = 'closed-form' | 'jacobi';

/**
 * Unit eigenvector of the smallest eigenvalue of a covariance, into `out`; (0, 0, 1) for the zero matrix.
 *
 * The trigonometric solution of Eberly, "A robust eigensolver for 3 × 3 symmetric matrices" (2014), in the order of
 * operations of Open3D, so that the sign, which is arbitrary, comes out the same too.
 */
export function smallestEigenvectorClosedForm(covariance: Symmetric3, out: Float64Array): void {
  let largest = covariance[0];
  for (let i = 1; i < 6; i++) if (covariance[i] > largest) largest = covariance[i];
  if (largest === 0) {
    set(out, 0, 0, 1);
    return;
  }
  const xx = covariance[0] / largest;
  const xy = covariance[1] / largest;
  const xz = covariance[2] / largest;
  const yy = covariance[3] / largest;
  const yz = covariance[4] / largest;
  const zz = covariance[5] / largest;

  const offDiagonal = xy * xy + xz * xz + yz * yz;
  if (offDiagonal === 0) {
    setSmallestAxis(out, xx, yy, zz);
    return;
  }

  // A = q I + p B: the eigenvalues of B are 2 cos of three angles a third of a turn apart.
  const q = (xx + yy + zz) / 3;
  const bxx = xx - q;
  const byy = yy - q;
  const bzz = zz - q;
  const p = Math.sqrt((bxx * bxx + byy * byy + bzz * bzz + 2 * offDiagonal) / 6);
  const determinant = bxx * (byy * bzz - yz * yz) - xy * (xy * bzz - yz * xz) + xz * (xy * yz - byy * xz);
  const half = Math.min(1, Math.max(-1, determinant / (2 * p * p * p)));
  const angle = Math.acos(half) / 3;
  const b2 = 2 * Math.cos(angle);
  const b0 = 2 * Math.cos(angle + (2 * Math.PI) / 3);
  const b1 = -(b0 + b2);

  // The eigenvalue farthest from the other two gives an accurate null vector: the smallest if half < 0.
  if (half < 0) {
    setNullVector(out, xx, xy, xz, yy, yz, zz, q + p * b0);
    return;
  }
  setNullVector(out, xx, xy, xz, yy, yz, zz, q + p * b2);
  setFromLargest(out, xx, xy, xz, yy, yz, zz, q + p * b1);
}

/**
 * The same by cyclic Jacobi rotations, accurate also where eigenvalues nearly coincide. The sign makes the component
 * of largest absolute value positive, the first of equals.
 */
export function smallestEigenvectorJacobi(covariance: Symmetric3, out: Float64Array): void {
  const a = Float64Array.of(
    ...[covariance[0], covariance[1], covariance[2]],
    ...[covariance[1], covariance[3], covariance[4]],
    ...[covariance[2], covariance[4], covariance[5]],
  );
  const vectors = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1); // columns
  for (let sweep = 0; sweep < 30 && (a[1] !== 0 || a[2] !== 0 || a[5] !== 0); sweep++) {
    rotate(a, vectors, 0, 1);
    rotate(a, vectors, 0, 2);
    rotate(a, vectors, 1, 2);
  }
  let column = a[4] < a[8] ? 1 : 2;
  if (a[0] < a[4 * column]) column = 0;
  set(out, vectors[column], vectors[3 + column], vectors[6 + column]);
  let largest = 0;
  for (let axis = 1; axis < 3; axis++) if (Math.abs(out[axis]) > Math.abs(out[largest])) largest = axis;
  if (out[largest] < 0) set(out, -out[0], -out[1], -out[2]);
}

/** The axis of the strictly smallest diagonal entry: x, else y, else z. */
function setSmallestAxis(out: Float64Array, xx: number, yy: number, zz: number): void {
  if (xx < yy && xx < zz) set(out, 1, 0, 0);
  else if (yy < xx && yy < zz) set(out, 0, 1, 0);
  else set(out, 0, 0, 1);
}

/** The longest cross product of two rows of A − e I, the earlier of equals, made a unit vector. */
function setNullVector(
  out: Float64Array,
  xx: number,
  xy: number,
  xz: number,
  yy: number,
  yz: number,
  zz: number,
  eigenvalue: number,
): void {
  const dx = xx - eigenvalue;
  const dy = yy - eigenvalue;
  const dz = zz - eigenvalue;
  const ax = xy * yz - xz * dy; // row 0 × row 1
  const ay = xz * xy - dx * yz;
  const az = dx * dy - xy * xy;
  const bx = xy * dz - xz * yz; // row 0 × row 2
  const by = xz * xz - dx * dz;
  const bz = dx * yz - xy * xz;
  const cx = dy * dz - yz * yz; // row 1 × row 2
  const cy = yz * xz - xy * dz;
  const cz = xy * yz - dy * xz;
  const a = ax * ax + ay * ay + az * az;
  const b = bx * bx + by * by + bz * bz;
  const c = cx * cx + cy * cy + cz * cz;
  if (a >= b && a >= c) setUnit(out, ax, ay, az, a);
  else if (b >= c) setUnit(out, bx, by, bz, b);
  else setUnit(out, cx, cy, cz, c);
}

/**
 * `out` holds the eigenvector v of the largest eigenvalue; replaces it by u × v, u being the eigenvector of the middle
 * eigenvalue e. u lies in the plane orthogonal to v, where A − e I is a 2 × 2 matrix of rank 1.
 */
function setFromLargest(
  out: Float64Array,
  xx: number,
  xy: number,
  xz: number,
  yy: number,
  yz: number,
  zz: number,
  eigenvalue: number,
): void {
  const vx = out[0];
  const vy = out[1];
  const vz = out[2];
  let ux = 0;
  let uy = 0;
  let uz = 0;
  if (Math.abs(vx) > Math.abs(vy)) {
    const length = Math.sqrt(vx * vx + vz * vz);
    ux = -vz / length;
    uz = vx / length;
  } else {
    const length = Math.sqrt(vy * vy + vz * vz);
    uy = vz / length;
    uz = -vy / length;
  }
  const wx = vy * uz - vz * uy; // w = v × u
  const wy = vz * ux - vx * uz;
  const wz = vx * uy - vy * ux;
  const aux = xx * ux + xy * uy + xz * uz;
  const auy = xy * ux + yy * uy + yz * uz;
  const auz = xz * ux + yz * uy + zz * uz;
  const awx = xx * wx + xy * wy + xz * wz;
  const awy = xy * wx + yy * wy + yz * wz;
  const awz = xz * wx + yz * wy + zz * wz;
  const m00 = ux * aux + uy * auy + uz * auz - eigenvalue;
  const m01 = ux * awx + uy * awy + uz * awz;
  const m11 = wx * awx + wy * awy + wz * awz - eigenvalue;

  // α u + β w is orthogonal to the row of larger entries: (m01, −m00) or (m11, −m01), made a unit vector.
  let alpha = 1;
  let beta = 0;
  const diagonal = Math.abs(m00) >= Math.abs(m11) ? m00 : m11;
  const diagonalIsLarger = Math.abs(diagonal) >= Math.abs(m01);
  if (diagonal !== 0 || m01 !== 0) {
    const tangent = diagonalIsLarger ? m01 / diagonal : diagonal / m01;
    const cosine = 1 / Math.sqrt(1 + tangent * tangent);
    const tangentFirst = (diagonal === m00) === diagonalIsLarger;
    alpha = tangentFirst ? tangent * cosine : cosine;
    beta = tangentFirst ? -cosine : -tangent * cosine;
  }
  const ex = alpha * ux + beta * wx;
  const ey = alpha * uy + beta * wy;
  const ez = alpha * uz + beta * wz;
  set(out, ey * vz - ez * vy, ez * vx - ex * vz, ex * vy - ey * vx);
}

function set(out: Float64Array, x: number, y: number, z: number): void {
  out[0] = x;
  out[1] = y;
  out[2] = z;
}

function setUnit(out: Float64Array, x: number, y: number, z: number, squaredLength: number): void {
  const length = Math.sqrt(squaredLength);
  set(out, x / length, y / length, z / length);
}

/** One Jacobi rotation in the plane of axes p and q that makes a[p][q] zero; `a` and `vectors` are 3 × 3, row-major. */
function rotate(a: Float64Array, vectors: Float64Array, p: number, q: number): void {
  const apq = a[3 * p + q];
  if (apq === 0) return;
  const theta = (a[4 * q] - a[4 * p]) / (2 * apq);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  const r = 3 - p - q; // the third axis
  a[4 * p] -= tangent * apq;
  a[4 * q] += tangent * apq;
  a[3 * p + q] = a[3 * q + p] = 0;
  const arp = a[3 * r + p];
  const arq = a[3 * r + q];
  a[3 * r + p] = a[3 * p + r] = cosine * arp - sine * arq;
  a[3 * r + q] = a[3 * q + r] = sine * arp + cosine * arq;
  for (let row = 0; row < 3; row++) {
    const vp = vectors[3 * row + p];
    const vq = vectors[3 * row + q];
    vectors[3 * row + p] = cosine * vp - sine * vq;
    vectors[3 * row + q] = sine * vp + cosine * vq;
  }
}
