import { ArgumentError, type OrganisedCloud, type PointCloud, ShapeError } from '@anomclip/core';
import { contiguous, type Mask } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { someFinitePoints, triplesOf } from './cloud-rows.js';
import {
  type CloudDefectKind,
  cloudDefectKinds,
  defaultDepths,
  drawProfile,
  type Profile,
} from './defect-profiles.js';
import { outwardsAt, unit, type Vec3 } from './surface-direction.js';

export interface PlantDefectOptions {
  /** Index of the point in the middle of the defect (of an organised cloud: of the pixel). @defaultValue drawn */
  centre?: number;
  /**
   * Away from the material at the centre; any length > 0. @defaultValue the point's normal, or an estimate that points
   * away from the middle of the cloud (of an organised cloud: towards the sensor)
   */
  outwards?: Vec3;
  /** In the cloud's unit. @defaultValue 0.06 of the diagonal of the cloud's box */
  radius?: number;
  /** Height of a bulge, depth of the others, in radii. @defaultValue bulge 0.75, crack 0.4, cut 0.5, dent 0.5, hole 0.8 */
  depth?: number;
}

/** Where a defect was put. */
export interface PlantedDefect {
  readonly kind: CloudDefectKind;
  readonly centre: number;
  /** Unit length. */
  readonly outwards: Vec3;
  readonly radius: number;
}

/**
 * Moves the points around one of a cloud so that they show a bulge, crack, cut, dent or hole. Points are pushed along one
 * direction and none is removed, so the mask is exact: 1 for the points that moved, and no others. For a mesh, pass
 * its vertices as a cloud: the triangles stay as they are.
 *
 * With normals, only the side that faces outwards moves, and the moved points' normals follow the new surface. Without,
 * both sides of a part thinner than the radius move. Points that are not finite stay.
 *
 * @returns The cloud with new positions and normals and everything else as it was.
 * @throws {@link ShapeError} unless positions are [N, 3]; {@link ArgumentError} for a cloud without finite points, one
 *   without extent (a single point) when no radius is given, an option out of range, or when nothing moved: outwards against
 *   the normal of the centre, or a radius below the precision of the coordinates.
 */
export function plantDefect(
  cloud: PointCloud,
  kind: CloudDefectKind,
  rng: Rng,
  options: PlantDefectOptions = {},
): { cloud: PointCloud; mask: Uint8Array; defect: PlantedDefect } {
  const points = triplesOf('plantDefect', cloud);
  const finite = someFinitePoints('plantDefect', points);
  const before = cloud.normals && contiguous(cloud.normals);
  const { positions, normals, mask, defect } = displace(
    { points, finite, normals: before },
    kind,
    rng,
    options,
  );
  const moved = {
    ...cloud,
    positions: ndarray(positions, cloud.positions.shape),
    ...(normals && { normals: ndarray(normals, cloud.positions.shape) }),
  };
  return { cloud: moved, mask, defect };
}

/**
 * As {@link plantDefect} does, on a scan: missing points (0, 0, 0) stay missing, and outwards is towards the sensor.
 *
 * @returns A new scan, and the mask of its pixels, [H, W].
 * @throws As {@link plantDefect}; {@link ShapeError} unless the scan is [H, W, 3].
 */
export function plantDefectInScan(
  { xyz }: OrganisedCloud,
  kind: CloudDefectKind,
  rng: Rng,
  options: PlantDefectOptions = {},
): { organised: OrganisedCloud; mask: Mask; defect: PlantedDefect } {
  const { shape } = xyz;
  if (shape.length !== 3 || shape[2] !== 3) {
    throw new ShapeError('plantDefectInScan', 'an organised cloud [H, W, 3]', shape);
  }
  const points = contiguous(xyz);
  const measured = someFinitePoints('plantDefectInScan', points).filter(
    (pixel) => points[3 * pixel] !== 0 || points[3 * pixel + 1] !== 0 || points[3 * pixel + 2] !== 0,
  );
  if (measured.length === 0) throw new ArgumentError('plantDefectInScan', 'a scan with points', 'none');
  const { positions, mask, defect } = displace(
    { points, finite: measured, sensor: [0, 0, 0] },
    kind,
    rng,
    options,
  );
  return {
    organised: { xyz: ndarray(positions, shape) },
    mask: ndarray(mask, shape.slice(0, 2)),
    defect,
  };
}

interface Surface {
  readonly points: Float32Array;
  /** Indices of the points that may move. */
  readonly finite: Uint32Array;
  readonly normals?: Float32Array;
  /** What outwards points to, where normals do not say. */
  readonly sensor?: Vec3;
}

function displace(surface: Surface, kind: CloudDefectKind, rng: Rng, options: PlantDefectOptions) {
  if (!cloudDefectKinds.includes(kind)) {
    throw new ArgumentError('plantDefect', `a kind, one of ${cloudDefectKinds.join(', ')}`, kind);
  }
  const { points, finite, normals } = surface;
  const { centre = finite[rng.integer(0, finite.length)], depth = defaultDepths[kind] } = options;
  const { radius = 0.06 * diagonalOf(surface) } = options;
  assertOptions(surface, centre, radius, depth);
  const outwards = options.outwards ? asUnit(options.outwards) : estimateOutwards(surface, centre, radius);
  const defect: PlantedDefect = { kind, centre, outwards, radius };
  const profile = drawProfile(kind, rng);

  const result = {
    positions: points.slice(),
    normals: normals?.slice(),
    mask: new Uint8Array(points.length / 3),
    defect,
  };
  const origin = points.subarray(3 * centre, 3 * centre + 3);
  const [e1, e2] = tangents(outwards);
  for (const point of finite) {
    const offset: Vec3 = [
      points[3 * point] - origin[0],
      points[3 * point + 1] - origin[1],
      points[3 * point + 2] - origin[2],
    ];
    if (Math.abs(dot(offset, outwards)) >= radius) continue;
    const [u, v] = [dot(offset, e1) / radius, dot(offset, e2) / radius];
    const shift = u * u + v * v < 1 ? depth * profile(u, v) : 0;
    if (shift === 0) continue;
    const facing = normals
      ? dot([normals[3 * point], normals[3 * point + 1], normals[3 * point + 2]], outwards)
      : 1;
    // The back of a thin part is within the radius too, but a defect has one side. A zero normal says nothing.
    if (
      facing < 0 ||
      (facing === 0 && normals?.subarray(3 * point, 3 * point + 3).some((value) => value !== 0))
    )
      continue;
    for (let axis = 0; axis < 3; axis++) {
      const at = 3 * point + axis;
      result.positions[at] += shift * radius * outwards[axis];
      if (result.positions[at] !== points[at]) result.mask[point] = 1;
    }
    if (result.normals && result.mask[point] === 1) {
      tilt(result.normals, point, facing, gradient(profile, u, v, depth, e1, e2));
    }
  }
  if (result.mask.includes(1)) return result;
  throw new ArgumentError(
    'plantDefect',
    'a defect that moves at least one point',
    `radius ${radius}, outwards [${outwards.join(', ')}]`,
    'raise the radius, or turn outwards to the side that the normals point to',
  );
}

function assertOptions({ points, finite }: Surface, centre: number, radius: number, depth: number): void {
  if (!Number.isInteger(centre) || centre < 0 || 3 * centre >= points.length || !finite.includes(centre)) {
    throw new ArgumentError('plantDefect', 'centre, the index of a finite point', centre);
  }
  if (!(radius > 0 && radius < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError('plantDefect', 'a finite radius > 0', radius, 'a cloud without extent needs one');
  }
  if (!(depth > 0 && depth < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError('plantDefect', 'a finite depth > 0', depth);
  }
}

function asUnit(outwards: Vec3): Vec3 {
  const direction = unit(...outwards);
  if (direction) return direction;
  throw new ArgumentError('plantDefect', 'outwards, a finite vector that is not 0', outwards.join(', '));
}

function diagonalOf({ points, finite }: Surface): number {
  let sum = 0;
  for (let axis = 0; axis < 3; axis++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const point of finite) {
      low = Math.min(low, points[3 * point + axis]);
      high = Math.max(high, points[3 * point + axis]);
    }
    sum += (high - low) * (high - low);
  }
  return Math.sqrt(sum);
}

function estimateOutwards(
  { points, finite, normals, sensor }: Surface,
  centre: number,
  radius: number,
): Vec3 {
  const place: Vec3 = [points[3 * centre], points[3 * centre + 1], points[3 * centre + 2]];
  const near = finite.filter((point) => {
    const [x, y, z] = [0, 1, 2].map((axis) => points[3 * point + axis] - place[axis]);
    return x * x + y * y + z * z < radius * radius;
  });
  // Away from what lies on the far side of the point, seen from the sensor.
  const middle: Vec3 = sensor
    ? [2 * place[0] - sensor[0], 2 * place[1] - sensor[1], 2 * place[2] - sensor[2]]
    : meanOf(points, finite);
  return outwardsAt(points, normals, centre, near, middle);
}

function meanOf(points: Float32Array, indices: Uint32Array): Vec3 {
  let [x, y, z] = [0, 0, 0];
  for (const point of indices) {
    x += points[3 * point] / indices.length;
    y += points[3 * point + 1] / indices.length;
    z += points[3 * point + 2] / indices.length;
  }
  return [x, y, z];
}

/** Two unit vectors across a direction and each other. */
function tangents([x, y, z]: Vec3): [Vec3, Vec3] {
  // The axis that is least along it.
  const [ax, ay, az] = [Math.abs(x), Math.abs(y), Math.abs(z)];
  const first = ax <= ay && ax <= az ? unit(0, z, -y) : ay <= az ? unit(-z, 0, x) : unit(y, -x, 0);
  const e1 = first ?? [1, 0, 0];
  return [e1, [y * e1[2] - z * e1[1], z * e1[0] - x * e1[2], x * e1[1] - y * e1[0]]];
}

/** Slope of the displacement across the tangent plane. */
function gradient(profile: Profile, u: number, v: number, depth: number, e1: Vec3, e2: Vec3): Vec3 {
  const step = 1e-3;
  const du = (depth * (profile(u + step, v) - profile(u - step, v))) / (2 * step);
  const dv = (depth * (profile(u, v + step) - profile(u, v - step))) / (2 * step);
  return [du * e1[0] + dv * e2[0], du * e1[1] + dv * e2[1], du * e1[2] + dv * e2[2]];
}

/** n − (n·o) ∇h: the inverse transpose of the displacement x + h(x) o, applied to the normal. */
function tilt(normals: Float32Array, point: number, facing: number, slope: Vec3): void {
  const [x, y, z] = normals.subarray(3 * point, 3 * point + 3);
  const tilted = unit(x - facing * slope[0], y - facing * slope[1], z - facing * slope[2]);
  if (tilted) normals.set(tilted, 3 * point);
}

function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
