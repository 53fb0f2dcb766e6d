import { ArgumentError } from '@anomclip/core';
import { type Coordinates, checkCount, countPoints } from './check-points.js';

/** Options of {@link farthestPoints}. */
export interface FarthestPointsOptions {
  /** Index of the first point. @defaultValue 0 */
  start?: number;
  /** Return exactly `m` indices also of a cloud with fewer points, repeating index 0. @defaultValue false */
  pad?: boolean;
}

/**
 * Farthest point sampling: beginning at `start`, always the point farthest from those already chosen, the
 * lowest index on ties. The chosen points are distinct, also where their positions coincide.
 * O(m · N) time.
 *
 * @param points - xyz triples, length 3·N.
 * @returns Indices in the order they were chosen: min(m, N) of them, `m` with `pad`.
 * @throws {@link ArgumentError} when `m` or `start` is out of range, when a coordinate is not finite, or when
 * an empty cloud is to be padded.
 */
export function farthestPoints(
  points: Coordinates,
  m: number,
  options: FarthestPointsOptions = {},
): Uint32Array {
  const { start = 0, pad = false } = options;
  const count = countPoints('farthestPoints', points);
  checkCount('farthestPoints', 'm', m, 0);
  if (count === 0 && pad && m > 0) {
    throw new ArgumentError('farthestPoints', 'at least one point to pad with', 'an empty cloud');
  }
  if (!Number.isInteger(start) || start < 0 || (start >= count && count > 0)) {
    throw new ArgumentError('farthestPoints: start', `an index below ${count}`, start);
  }

  const chosen = new Uint32Array(Math.min(m, count));
  const squaredDistances = new Float64Array(count).fill(Infinity);
  let current = start;
  for (let step = 0; step < chosen.length; step++) {
    chosen[step] = current;
    const x = points[3 * current];
    const y = points[3 * current + 1];
    const z = points[3 * current + 2];
    squaredDistances[current] = CHOSEN;
    let farthest = -Infinity;
    for (let i = 0, p = 0; i < count; i++, p += 3) {
      const dx = points[p] - x;
      const dy = points[p + 1] - y;
      const dz = points[p + 2] - z;
      const squaredDistance = dx * dx + dy * dy + dz * dz;
      if (squaredDistance < squaredDistances[i]) squaredDistances[i] = squaredDistance;
      if (squaredDistances[i] > farthest) {
        farthest = squaredDistances[i];
        current = i;
      }
    }
  }
  if (!pad) return chosen;
  const padded = new Uint32Array(m);
  padded.set(chosen);
  return padded;
}

/** Below every squared distance, so that a chosen point is never the farthest again. */
const CHOSEN = -1;
