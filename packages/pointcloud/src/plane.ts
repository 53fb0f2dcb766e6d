import { ArgumentError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { type Coordinates, checkCount, countPoints } from './check-points.js';
import type { Vec3 } from './neighbours.js';
import { type Scan, scanSize } from './organised.js';
import type { Xyz } from './xyz.js';

/** All points p with normal · p + d = 0. */
export interface Plane {
  /** Unit length. */
  readonly normal: Xyz;
  readonly d: number;
}

/** Options of {@link ransacPlane}. */
export interface RansacOptions {
  /** A point is an inlier when its distance to the plane is below this, in the unit of the cloud. */
  threshold: number;
  /** Points per hypothesis, at least 3. @defaultValue 3 */
  sample?: number;
  /** Hypotheses, at least 1. @defaultValue 1000 */
  iterations?: number;
  /** Stop once a better plane is less probable than 1 − `confidence`. @defaultValue 0.99999999 */
  confidence?: number;
}

/** What {@link ransacPlane} found. */
export interface RansacPlane {
  /** The best hypothesis refitted to its inliers. */
  readonly plane: Plane;
  /** Ascending indices of the inliers of the best hypothesis, before the refit. */
  readonly inliers: Uint32Array;
  /** Inliers / points, in (0, 1]. */
  readonly inlierRatio: number;
  /** Root mean square distance of the inliers to the best hypothesis. */
  readonly rmsDistance: number;
}

/** Signed distance of (x, y, z) to the plane, positive on the side the normal points to. */
export function signedDistance({ normal, d }: Plane, x: number, y: number, z: number): number {
  return normal[0] * x + normal[1] * y + normal[2] * z + d;
}

/**
 * Least-squares plane through the centroid. It minimises the error along the axis whose 2 × 2 determinant of
 * second moments is largest, as Open3D does, not the orthogonal error; for flat patches the two agree. The
 * sign of the normal is the formula's.
 *
 * @param points - xyz triples, length 3·N.
 * @param indices - Fit only these points. Default: all.
 * @returns `null` when the points do not span a plane (fewer than three distinct ones, or exactly on a line).
 */
export function fitPlane(points: Coordinates, indices?: Uint32Array): Plane | null {
  const count = indices ? indices.length : points.length / 3;
  if (count < 3) return null;
  let cx = 0;
  let cy = 0;
  let cz = 0;
  for (let row = 0; row < count; row++) {
    const i = 3 * (indices ? indices[row] : row);
    cx += points[i];
    cy += points[i + 1];
    cz += points[i + 2];
  }
  cx /= count;
  cy /= count;
  cz /= count;

  let xx = 0;
  let xy = 0;
  let xz = 0;
  let yy = 0;
  let yz = 0;
  let zz = 0;
  for (let row = 0; row < count; row++) {
    const i = 3 * (indices ? indices[row] : row);
    const x = points[i] - cx;
    const y = points[i + 1] - cy;
    const z = points[i + 2] - cz;
    xx += x * x;
    xy += x * y;
    xz += x * z;
    yy += y * y;
    yz += y * z;
    zz += z * z;
  }
  const detX = yy * zz - yz * yz;
  const detY = xx * zz - xz * xz;
  const detZ = xx * yy - xy * xy;
  if (detX > detY && detX > detZ) {
    return planeThrough(cx, cy, cz, detX, xz * yz - xy * zz, xy * yz - xz * yy);
  }
  if (detY > detZ) return planeThrough(cx, cy, cz, xz * yz - xy * zz, detY, xy * xz - yz * xx);
  return planeThrough(cx, cy, cz, xy * yz - xz * yy, xy * xz - yz * xx, detZ);
}

/**
 * The plane that most points lie on, by random sampling (Fischler and Bolles 1981): every hypothesis is a
 * plane through `sample` distinct points, exact for three and least squares beyond; the one with the most
 * inliers wins, the smaller root mean square distance breaking ties, and is refitted to its inliers. All
 * samples are drawn before the search, so stopping early does not shift what `rng` gives next.
 *
 * @param points - xyz triples, length 3·N.
 * @returns `null` when there are fewer points than `sample`, or no hypothesis has an inlier.
 * @throws {@link ArgumentError} when an option is out of range, or a coordinate is not finite.
 */
export function ransacPlane(points: Coordinates, options: RansacOptions & { rng: Rng }): RansacPlane | null {
  const { threshold, sample = 3, iterations = 1000, confidence = 0.99999999, rng } = options;
  const count = countPoints('ransacPlane', points);
  checkRansac(threshold, sample, iterations, confidence);
  if (count < sample) return null;

  const samples = Array.from({ length: iterations }, () => rng.sample(count, sample));
  let best: Hypothesis | null = null;
  let limit = iterations;
  for (let iteration = 0; iteration < limit; iteration++) {
    const drawn = samples[iteration];
    const plane = sample === 3 ? planeOfThree(points, drawn) : fitPlane(points, drawn);
    if (!plane) continue;
    const hypothesis = evaluate(points, plane, threshold);
    if (!isBetter(hypothesis, best)) continue;
    best = hypothesis;
    const allInliers = (best.inlierCount / count) ** sample;
    limit = Math.min(iterations, Math.log(1 - confidence) / Math.log(1 - allInliers));
  }
  if (!best) return null;

  const inliers = inliersOf(points, best.plane, threshold, best.inlierCount);
  return {
    plane: fitPlane(points, inliers) ?? best.plane,
    inliers,
    inlierRatio: inliers.length / count,
    rmsDistance: Math.sqrt(best.meanSquaredDistance),
  };
}

/** The same plane with its normal turned to the side of the point `towards`; unchanged when that lies on it. */
export function orientPlane(plane: Plane, towards: Vec3): Plane {
  if (signedDistance(plane, towards[0], towards[1], towards[2]) >= 0) return plane;
  const [x, y, z] = plane.normal;
  return { normal: [-x, -y, -z], d: -plane.d };
}

/**
 * Clears every pixel whose point is closer to the plane than `distance`: xyz becomes (0, 0, 0), the image
 * black. Missing pixels are tested like points at the origin. The mask is passed on as it is.
 *
 * @returns New arrays; `scan` stays unchanged.
 * @throws {@link ShapeError} when the parts differ in size.
 */
export function removePlane(scan: Scan, plane: Plane, distance: number): Scan {
  const [height, width] = scanSize('removePlane', scan);
  const xyz = contiguous(scan.organised.xyz).slice();
  const image = scan.image && contiguous(scan.image).slice();
  for (let i = 0; i < xyz.length; i += 3) {
    if (Math.abs(signedDistance(plane, xyz[i], xyz[i + 1], xyz[i + 2])) < distance) {
      xyz.fill(0, i, i + 3);
      image?.fill(0, i, i + 3);
    }
  }
  return {
    ...scan,
    organised: { xyz: ndarray(xyz, [height, width, 3]) },
    ...(image && { image: ndarray(image, [height, width, 3]) }),
  };
}

interface Hypothesis {
  readonly plane: Plane;
  readonly inlierCount: number;
  readonly meanSquaredDistance: number;
}

function checkRansac(threshold: number, sample: number, iterations: number, confidence: number): void {
  if (!(threshold > 0)) throw new ArgumentError('ransacPlane: threshold', 'a length above 0', threshold);
  checkCount('ransacPlane', 'sample', sample, 3);
  checkCount('ransacPlane', 'iterations', iterations);
  if (!(confidence > 0 && confidence < 1)) {
    throw new ArgumentError('ransacPlane: confidence', 'a probability in (0, 1)', confidence);
  }
}

function planeThrough(px: number, py: number, pz: number, nx: number, ny: number, nz: number): Plane | null {
  const length = Math.hypot(nx, ny, nz);
  if (length === 0) return null;
  const normal: Xyz = [nx / length, ny / length, nz / length];
  return { normal, d: -(normal[0] * px + normal[1] * py + normal[2] * pz) };
}

function planeOfThree(points: Coordinates, indices: Uint32Array): Plane | null {
  const a = 3 * indices[0];
  const b = 3 * indices[1];
  const c = 3 * indices[2];
  const ux = points[b] - points[a];
  const uy = points[b + 1] - points[a + 1];
  const uz = points[b + 2] - points[a + 2];
  const vx = points[c] - points[a];
  const vy = points[c + 1] - points[a + 1];
  const vz = points[c + 2] - points[a + 2];
  return planeThrough(
    points[a],
    points[a + 1],
    points[a + 2],
    uy * vz - uz * vy,
    uz * vx - ux * vz,
    ux * vy - uy * vx,
  );
}

function evaluate(points: Coordinates, plane: Plane, threshold: number): Hypothesis {
  const [nx, ny, nz] = plane.normal;
  const { d } = plane;
  let inlierCount = 0;
  let squaredSum = 0;
  for (let i = 0; i < points.length; i += 3) {
    const distance = Math.abs(nx * points[i] + ny * points[i + 1] + nz * points[i + 2] + d);
    if (distance < threshold) {
      inlierCount++;
      squaredSum += distance * distance;
    }
  }
  return { plane, inlierCount, meanSquaredDistance: inlierCount === 0 ? 0 : squaredSum / inlierCount };
}

function isBetter(candidate: Hypothesis, best: Hypothesis | null): boolean {
  if (!best) return candidate.inlierCount > 0;
  if (candidate.inlierCount !== best.inlierCount) return candidate.inlierCount > best.inlierCount;
  return candidate.meanSquaredDistance < best.meanSquaredDistance;
}

function inliersOf(points: Coordinates, plane: Plane, threshold: number, count: number): Uint32Array {
  const inliers = new Uint32Array(count);
  for (let i = 0, next = 0; next < count; i++) {
    const distance = signedDistance(plane, points[3 * i], points[3 * i + 1], points[3 * i + 2]);
    if (Math.abs(distance) < threshold) inliers[next++] = i;
  }
  return inliers;
}
