import { ArgumentError, type PointCloud } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { finitePoints, triplesOf } from './cloud-rows.js';

export interface JitterOptions {
  /** Standard deviation of each coordinate's noise, in the cloud's unit. */
  standardDeviation: number;
  /** Share of points that become outliers instead, in [0, 1]. @defaultValue 0 */
  outliers?: number;
  /** Outliers are moved by up to this in every coordinate. @defaultValue 50 standard deviations */
  outlierDistance?: number;
}

/**
 * Sensor noise for robustness studies: Gaussian noise on every point, and some outliers. Every point draws from a stream of
 * its own, so a point's noise does not depend on the others. Points that are not finite stay.
 *
 * @returns The cloud with new positions (normals, colours and labels are those it had), and which points are outliers, [N].
 * @throws {@link ShapeError} unless positions are [N, 3], {@link ArgumentError} for an option out of range.
 */
export function jitterPoints(
  cloud: PointCloud,
  rng: Rng,
  options: JitterOptions,
): { cloud: PointCloud; outliers: Uint8Array } {
  const { standardDeviation, outliers = 0, outlierDistance = 50 * standardDeviation } = options;
  const points = triplesOf('jitterPoints', cloud).slice();
  for (const [name, value] of Object.entries({ standardDeviation, outlierDistance })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new ArgumentError('jitterPoints', `a finite ${name} ≥ 0`, value);
    }
  }
  if (!(outliers >= 0 && outliers <= 1))
    throw new ArgumentError('jitterPoints', 'outliers in [0, 1]', outliers);
  const mask = new Uint8Array(points.length / 3);
  for (const point of finitePoints(points)) {
    const stream = rng.fork(point);
    if (stream.boolean(outliers)) mask[point] = 1;
    for (let i = 3 * point; i < 3 * point + 3; i++) {
      points[i] +=
        mask[point] === 1
          ? stream.uniform(-outlierDistance, outlierDistance)
          : stream.normal(0, standardDeviation);
    }
  }
  return { cloud: { ...cloud, positions: ndarray(points, cloud.positions.shape) }, outliers: mask };
}
