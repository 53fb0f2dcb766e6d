import { ArgumentError, type PointCloud } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { finitePoints, selectRows, triplesOf } from './cloud-rows.js';
import { unit } from './surface-direction.js';

export interface ThinOptions {
  /** Share of the points that stays; with `gradient` or `patch`, where it is thinnest. In (0, 1]. @defaultValue 0.5 */
  keep?: number;
  /**
   * Where points are lost: `uniform` everywhere alike; `gradient` ever more along a random direction, none at its start;
   * `patch` within a quarter of the cloud's reach around a random point. @defaultValue 'uniform'
   */
  pattern?: 'uniform' | 'gradient' | 'patch';
}

/** A part of a cloud. */
export interface CloudPart {
  /** With the normals, colours and labels of the points that are left. */
  readonly cloud: PointCloud;
  /** Their indices in the whole cloud, ascending. */
  readonly kept: Uint32Array;
}

/**
 * A cloud with fewer points, for robustness studies: another distance, another sensor, a badly lit corner. At least
 * one point stays of a cloud that has a finite one; points that are not finite never do, and an empty cloud stays empty.
 *
 * @throws {@link ShapeError} unless positions are [N, 3], {@link ArgumentError} for an option out of range.
 */
export function thinPoints(cloud: PointCloud, rng: Rng, options: ThinOptions = {}): CloudPart {
  const { keep = 0.5, pattern = 'uniform' } = options;
  const points = triplesOf('thinPoints', cloud);
  if (!(keep > 0 && keep <= 1)) throw new ArgumentError('thinPoints', 'keep in (0, 1]', keep);
  if (!Object.hasOwn(patterns, pattern)) {
    throw new ArgumentError('thinPoints', `a pattern, one of ${Object.keys(patterns).join(', ')}`, pattern);
  }
  const finite = finitePoints(points);
  if (finite.length === 0) return { cloud: selectRows(cloud, finite), kept: finite };
  const loss = patterns[pattern](points, finite, rng);
  const always = finite[rng.integer(0, finite.length)];
  const kept = finite.filter((point) => {
    const stays = rng.boolean(1 - (1 - keep) * loss(point));
    return stays || point === always;
  });
  return { cloud: selectRows(cloud, kept), kept };
}

/** How much of the loss a point is exposed to, 0 to 1. */
type Loss = (point: number) => number;

const patterns: Readonly<
  Record<'uniform' | 'gradient' | 'patch', (points: Float32Array, finite: Uint32Array, rng: Rng) => Loss>
> = {
  uniform: () => () => 1,
  gradient(points, finite, rng) {
    const [x, y, z] = unit(rng.normal(), rng.normal(), rng.normal()) ?? [0, 0, 1];
    const along = (point: number) =>
      x * points[3 * point] + y * points[3 * point + 1] + z * points[3 * point + 2];
    const [low, high] = range(finite, along);
    return (point) => (high > low ? (along(point) - low) / (high - low) : 1);
  },
  patch(points, finite, rng) {
    const centre = finite[rng.integer(0, finite.length)];
    const distance = (point: number) => {
      const [dx, dy, dz] = [0, 1, 2].map((axis) => points[3 * point + axis] - points[3 * centre + axis]);
      return Math.sqrt(dx * dx + dy * dy + dz * dz);
    };
    const [, reach] = range(finite, distance);
    return (point) => Number(distance(point) <= reach / 4);
  },
};

function range(indices: Uint32Array, value: (index: number) => number): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const index of indices) {
    low = Math.min(low, value(index));
    high = Math.max(high, value(index));
  }
  return [low, high];
}
