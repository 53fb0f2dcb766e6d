import { ArgumentError, type PointCloud, ShapeError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { finitePoints, selectRows, triplesOf } from './cloud-rows.js';
import { unit, type Vec3 } from './surface-direction.js';
import type { CloudPart } from './thin-points.js';

export interface OccludeOptions {
  /** From the cloud towards the sensor, any length > 0. @defaultValue drawn, every direction alike */
  towardsSensor?: Vec3;
  /** Side of the cells that hide what is behind their nearest point. @defaultValue the cloud's reach / 48 */
  cellSize?: number;
  /** How far behind the nearest point of its cell a point is still seen. @defaultValue 2 cells */
  tolerance?: number;
  /** [N], 1 where a point is seen, e.g. from a renderer; used instead of all the above. */
  visible?: Uint8Array;
}

/**
 * What a sensor far away sees of a cloud, for robustness studies: in each cell across the line of sight, the nearest
 * point and what is not much behind it.
 *
 * A cell must be larger than the distance between points, or the back shows through the front.
 *
 * @returns The points that are seen. Points that are not finite never are; an empty cloud stays empty. With a `visible`
 *   that is 0 everywhere, no point is left.
 * @throws {@link ShapeError} unless positions are [N, 3] and `visible` is [N], {@link ArgumentError} for a direction without
 *   length or a size that is not positive and finite.
 */
export function occludePoints(cloud: PointCloud, rng: Rng, options: OccludeOptions = {}): CloudPart {
  const points = triplesOf('occludePoints', cloud);
  const finite = finitePoints(points);
  const { visible } = options;
  if (visible) {
    if (visible.length !== points.length / 3) {
      throw new ShapeError('occludePoints', `visible of [${points.length / 3}]`, [visible.length]);
    }
    const kept = finite.filter((point) => visible[point] === 1);
    return { cloud: selectRows(cloud, kept), kept };
  }
  const { towardsSensor = [rng.normal(), rng.normal(), rng.normal()] } = options;
  const axis = unit(...towardsSensor);
  if (!axis)
    throw new ArgumentError(
      'occludePoints',
      'towardsSensor, a finite vector that is not 0',
      towardsSensor.join(', '),
    );
  const [right, up] = acrossOf(axis);
  const along = (point: number, [x, y, z]: Vec3) =>
    x * points[3 * point] + y * points[3 * point + 1] + z * points[3 * point + 2];
  const { cellSize = reachOf(finite, (point) => [along(point, right), along(point, up)]) / 48 || 1 } =
    options;
  const { tolerance = 2 * cellSize } = options;
  for (const [name, value] of Object.entries({ cellSize, tolerance })) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new ArgumentError('occludePoints', `a finite ${name} > 0`, value);
    }
  }
  const cellOf = (point: number) =>
    `${Math.floor(along(point, right) / cellSize)} ${Math.floor(along(point, up) / cellSize)}`;
  const nearest = new Map<string, number>();
  for (const point of finite) {
    const cell = cellOf(point);
    nearest.set(cell, Math.max(nearest.get(cell) ?? Number.NEGATIVE_INFINITY, along(point, axis)));
  }
  const kept = finite.filter((point) => along(point, axis) >= (nearest.get(cellOf(point)) ?? 0) - tolerance);
  return { cloud: selectRows(cloud, kept), kept };
}

/** Two unit vectors across the line of sight. */
function acrossOf([x, y, z]: Vec3): [Vec3, Vec3] {
  const right: Vec3 = (Math.abs(z) < 0.9 ? unit(-y, x, 0) : unit(0, -z, y)) ?? [1, 0, 0];
  return [right, [y * right[2] - z * right[1], z * right[0] - x * right[2], x * right[1] - y * right[0]]];
}

/** The larger side of the box around the projected points. */
function reachOf(indices: Uint32Array, project: (index: number) => readonly [number, number]): number {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const index of indices) {
    project(index).forEach((value, side) => {
      low[side] = Math.min(low[side], value);
      high[side] = Math.max(high[side], value);
    });
  }
  return indices.length === 0 ? 0 : Math.max(high[0] - low[0], high[1] - low[1]);
}
