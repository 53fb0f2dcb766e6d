import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { cosSinOfTurns, type Rng } from '@anomclip/core/random';
import ndarray, { type NdArray } from 'ndarray';
import { nearestPoints, type SurfaceIndex, squaredDistance } from './surface-index.js';

export interface AddedPatchOptions {
  /** Points of a patch. @defaultValue 64 */
  patchPoints?: number;
  /** Donors with fewer points are not drawn. @defaultValue 8 */
  minDonorPoints?: number;
  /** Fewest donated points in a patch. @defaultValue 8 */
  minAnomalyPoints?: number;
  /** Most donated points in a patch. @defaultValue 56 */
  maxAnomalyPoints?: number;
  /** How donated points are turned about their centre. @defaultValue 'none' */
  donorRotation?: 'none' | 'z' | 'so3';
  /** Whether the centre of the patch also follows the surrounding points. @defaultValue 'with-surround' */
  anchorUpdate?: 'with-surround' | 'none';
  /** How many of those there are. @defaultValue 16 */
  surroundPoints?: number;
}

/** A patch of a surface with foreign points on it. */
export interface AddedPatch {
  /** [P, 3], nearest to the centre of the patch first. */
  readonly positions: NdArray<Float32Array>;
  /** [P], 1 where a point was donated. */
  readonly mask: Uint8Array;
  /** Whether the number of donated points is within the bounds; after 20 redraws a patch is returned anyway. */
  readonly ok: boolean;
}

/**
 * 3DzAL's adding type (bulge, contamination, bent): points of another class's object are put onto a random place of a
 * normal surface, and the points nearest to the two together make the patch (specification 6.1).
 *
 * @param donors - Points of interest [K, 3] of donor samples, by class: every class is equally likely.
 * @throws {@link ArgumentError} for a surface without finite points, when no donor has `minDonorPoints` points, for a
 *   coordinate of a donor that is not finite, or an option out of range; {@link ShapeError} unless donors are [K, 3].
 */
export function addedPatch(
  surface: SurfaceIndex,
  donors: readonly (readonly NdArray<Float32Array>[])[],
  rng: Rng,
  options: AddedPatchOptions = {},
): AddedPatch {
  const settings = withDefaults(options);
  if (surface.order.length === 0)
    throw new ArgumentError('addedPatch', 'a surface with finite points', 'none');
  const classes = usableDonors(donors, settings.minDonorPoints);
  let patch = attempt(surface, classes, rng, settings);
  for (let redraw = 0; redraw < 20 && !patch.ok; redraw++) patch = attempt(surface, classes, rng, settings);
  return patch;
}

type Settings = Required<AddedPatchOptions>;

function withDefaults(options: AddedPatchOptions): Settings {
  const { patchPoints = 64, minDonorPoints = 8, minAnomalyPoints = 8, maxAnomalyPoints = 56 } = options;
  const { donorRotation = 'none', anchorUpdate = 'with-surround', surroundPoints = 16 } = options;
  const counts = { patchPoints, minDonorPoints, minAnomalyPoints, maxAnomalyPoints, surroundPoints };
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new ArgumentError('addedPatch', `${name}, a whole number ≥ 1`, count);
    }
  }
  if (minAnomalyPoints > maxAnomalyPoints || maxAnomalyPoints > patchPoints) {
    const order = 'minAnomalyPoints ≤ maxAnomalyPoints ≤ patchPoints';
    throw new ArgumentError('addedPatch', order, `${minAnomalyPoints}, ${maxAnomalyPoints}, ${patchPoints}`);
  }
  if (!['none', 'z', 'so3'].includes(donorRotation)) {
    throw new ArgumentError('addedPatch', "donorRotation 'none', 'z' or 'so3'", donorRotation);
  }
  if (anchorUpdate !== 'with-surround' && anchorUpdate !== 'none') {
    throw new ArgumentError('addedPatch', "anchorUpdate 'with-surround' or 'none'", anchorUpdate);
  }
  return { ...counts, donorRotation, anchorUpdate };
}

function usableDonors(
  donors: readonly (readonly NdArray<Float32Array>[])[],
  minDonorPoints: number,
): Float32Array[][] {
  const classes = donors
    .map((samples) => samples.map(donorPoints).filter((points) => points.length >= 3 * minDonorPoints))
    .filter((samples) => samples.length > 0);
  if (classes.length > 0) return classes;
  throw new ArgumentError(
    'addedPatch',
    `a donor with at least ${minDonorPoints} points`,
    `${donors.flat().length} donors with fewer`,
    'raise the share of pointsOfInterest or lower minDonorPoints',
  );
}

function donorPoints(donor: NdArray<Float32Array>): Float32Array {
  const { shape } = donor;
  if (shape.length !== 2 || shape[1] !== 3)
    throw new ShapeError('addedPatch', 'donors of shape [K, 3]', shape);
  const points = contiguous(donor);
  const wrong = points.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new ArgumentError('addedPatch', 'donors with finite coordinates', wrong);
  return points;
}

/** One draw of donor and anchor, with up to four changes of the donated points' size. */
function attempt(surface: SurfaceIndex, classes: Float32Array[][], rng: Rng, settings: Settings): AddedPatch {
  const samples = classes[rng.integer(0, classes.length)];
  const donor = samples[rng.integer(0, samples.length)];
  const index = surface.order[rng.integer(0, surface.order.length)];
  const anchor = surface.points.subarray(3 * index, 3 * index + 3);
  const offsets = centred(donor);
  if (settings.donorRotation !== 'none') turn(offsets, drawRotation(settings.donorRotation, rng));

  const surround = nearestPoints(surface, anchor, settings.surroundPoints).indices;
  let patch = gather(surface, offsets, anchor, surround, settings);
  const tooFew = donatedPoints(patch) < settings.minAnomalyPoints;
  for (let resize = 0; resize < 4 && !patch.ok; resize++) {
    for (let i = 0; i < offsets.length; i++) offsets[i] *= tooFew ? 0.5 : 2;
    patch = gather(surface, offsets, anchor, surround, settings);
  }
  return patch;
}

function centred(points: Float32Array): Float64Array {
  const mean = [0, 0, 0];
  for (let i = 0; i < points.length; i++) mean[i % 3] += (3 * points[i]) / points.length;
  return Float64Array.from(points, (value, i) => value - mean[i % 3]);
}

/** Rows of a rotation matrix: about z, or uniformly over all (a unit quaternion of four Gaussians). */
function drawRotation(kind: 'z' | 'so3', rng: Rng): number[] {
  if (kind === 'z') {
    const [cos, sin] = cosSinOfTurns(rng.uniform());
    return [cos, -sin, 0, sin, cos, 0, 0, 0, 1];
  }
  const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const length = Math.sqrt(q.reduce((sum, value) => sum + value * value, 0));
  const [w, x, y, z] = q.map((value) => value / length);
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

function turn(points: Float64Array, m: readonly number[]): void {
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = points.subarray(i, i + 3);
    for (let row = 0; row < 3; row++)
      points[i + row] = m[3 * row] * x + m[3 * row + 1] * y + m[3 * row + 2] * z;
  }
}

/** The points of surface and donor nearest to the centre of the patch; of equal distances the surface's first. */
function gather(
  surface: SurfaceIndex,
  offsets: Float64Array,
  anchor: Float32Array,
  surround: Uint32Array,
  { patchPoints, minAnomalyPoints, maxAnomalyPoints, anchorUpdate }: Settings,
): AddedPatch {
  const donated = Float32Array.from(offsets, (value, i) => anchor[i % 3] + value);
  const centre = anchorUpdate === 'none' ? anchor : meanOf(donated, surface.points, surround);
  const near = nearestPoints(surface, centre, patchPoints);
  const candidates = [
    ...Array.from(near.indices, (index, i) => ({
      source: surface.points,
      index,
      distance: near.squaredDistances[i],
      set: 0,
    })),
    ...Array.from({ length: donated.length / 3 }, (_, index) => ({
      source: donated,
      index,
      distance: squaredDistance(donated, index, centre),
      set: 1,
    })),
  ].sort((a, b) => a.distance - b.distance); // stable
  const positions = new Float32Array(3 * patchPoints);
  const mask = new Uint8Array(patchPoints);
  for (let i = 0; i < patchPoints; i++) {
    // Repeated when surface and donor together have fewer points.
    const { source, index, set } = candidates[i % candidates.length];
    positions.set(source.subarray(3 * index, 3 * index + 3), 3 * i);
    mask[i] = set;
  }
  const patch = { positions: ndarray(positions, [patchPoints, 3]), mask, ok: false };
  const count = donatedPoints(patch);
  return { ...patch, ok: count >= minAnomalyPoints && count <= maxAnomalyPoints };
}

function meanOf(donated: Float32Array, points: Float32Array, surround: Uint32Array): number[] {
  const count = donated.length / 3 + surround.length;
  const mean = [0, 0, 0];
  for (let i = 0; i < donated.length; i++) mean[i % 3] += donated[i] / count;
  for (const index of surround)
    for (let axis = 0; axis < 3; axis++) mean[axis] += points[3 * index + axis] / count;
  return mean;
}

function donatedPoints({ mask }: { readonly mask: Uint8Array }): number {
  return mask.reduce((sum, value) => sum + value, 0);
}
