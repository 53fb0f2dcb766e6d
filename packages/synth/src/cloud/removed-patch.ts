import { ArgumentError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import ndarray, { type NdArray } from 'ndarray';
import { nearestPoints, type SurfaceIndex, squaredDistance } from './surface-index.js';

export interface RemovedPatchOptions {
  /** Points of a patch. @defaultValue 64 */
  patchPoints?: number;
  /** Bounds of the share of points that is taken away, drawn uniformly, in [0, 1). @defaultValue [0.25, 0.75] */
  removeRatio?: readonly [low: number, high: number];
  /** Whether points vanish at random or around one of them; `mixed` decides by a coin. @defaultValue 'random' */
  removeMode?: 'random' | 'hole' | 'mixed';
}

/** What is left of a patch of a surface. */
export interface RemovedPatch {
  /** [P, 3]: different points of the surface, nearest to the anchor first, repeated in order if there are fewer than P. */
  readonly positions: NdArray<Float32Array>;
  /** Indices of the points that were taken away, in the cloud of the surface. */
  readonly removed: Uint32Array;
}

/**
 * 3DzAL's removing type (cut, hole): of the points around a random one a share is taken away, so that the usual number
 * is left (specification 6.2). On a surface with too few points the share is kept and the rest repeated.
 *
 * @throws {@link ArgumentError} for a surface without finite points or an option out of range.
 */
export function removedPatch(
  surface: SurfaceIndex,
  rng: Rng,
  options: RemovedPatchOptions = {},
): RemovedPatch {
  const { patchPoints = 64, removeRatio = [0.25, 0.75], removeMode = 'random' } = options;
  const { points, order } = surface;
  if (order.length === 0) throw new ArgumentError('removedPatch', 'a surface with finite points', 'none');
  assertOptions(patchPoints, removeRatio, removeMode);
  const anchor = order[rng.integer(0, order.length)];
  const ratio = rng.uniform(...removeRatio);
  const around = nearestPoints(
    surface,
    points.subarray(3 * anchor, 3 * anchor + 3),
    Math.ceil(patchPoints / (1 - ratio)),
  ).indices;
  const count = around.length;
  const kept = Math.min(patchPoints, Math.max(1, count - Math.floor(ratio * count)));
  const mode = removeMode === 'mixed' ? (rng.boolean() ? 'random' : 'hole') : removeMode;
  const gone = new Uint8Array(count).fill(1);
  if (mode === 'random') for (const place of rng.sample(count, kept)) gone[place] = 0;
  else for (const place of farthestFrom(points, around, rng.integer(0, count), kept)) gone[place] = 0;

  const left = around.filter((_, place) => gone[place] === 0);
  const positions = new Float32Array(3 * patchPoints);
  for (let i = 0; i < patchPoints; i++) {
    const index = left[i % left.length];
    positions.set(points.subarray(3 * index, 3 * index + 3), 3 * i);
  }
  return {
    positions: ndarray(positions, [patchPoints, 3]),
    removed: around.filter((_, place) => gone[place] === 1),
  };
}

/** Places of the `count` points that are farthest from one of them. */
function farthestFrom(
  points: Float32Array,
  indices: Uint32Array,
  middle: number,
  count: number,
): Uint32Array {
  const centre = points.subarray(3 * indices[middle], 3 * indices[middle] + 3);
  const distances = Float64Array.from(indices, (index) => squaredDistance(points, index, centre));
  return Uint32Array.from(indices.keys())
    .sort((a, b) => distances[b] - distances[a] || a - b)
    .subarray(0, count);
}

function assertOptions(
  patchPoints: number,
  [low, high]: readonly [number, number],
  removeMode: string,
): void {
  if (!Number.isSafeInteger(patchPoints) || patchPoints < 1) {
    throw new ArgumentError('removedPatch', 'patchPoints, a whole number ≥ 1', patchPoints);
  }
  if (!(low >= 0 && high >= low && high < 1)) {
    throw new ArgumentError('removedPatch', 'removeRatio with 0 ≤ low ≤ high < 1', `[${low}, ${high}]`);
  }
  if (!['random', 'hole', 'mixed'].includes(removeMode)) {
    throw new ArgumentError('removedPatch', "removeMode 'random', 'hole' or 'mixed'", removeMode);
  }
}
