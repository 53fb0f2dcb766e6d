import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous, type Mask } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { dilate, erode } from './binary-filters.js';

/**
 * Where a scan has points. After its background was removed (`removeBackground` of `@anomclip/pointcloud`: support
 * plane and stray clusters set to zero), that is the object.
 *
 * @returns [H, W], 1 where all three coordinates are finite and none is 0.
 * @throws {@link ShapeError} unless the cloud is [H, W, 3] with at least one pixel.
 */
export function measuredForeground(organised: OrganisedCloud): Mask {
  const { xyz, height, width } = gridOf('measuredForeground', organised);
  const mask = new Uint8Array(height * width);
  for (let pixel = 0; pixel < mask.length; pixel++) mask[pixel] = Number(isMeasured(xyz, pixel));
  return ndarray(mask, [height, width]);
}

export interface CornerPlaneOptions {
  /** Points closer to the plane than this are background, metres. @defaultValue 0.005 */
  planeDistance?: number;
}

/**
 * What stands out from the plane through three corners of the scan, closed by a 3 × 3 window three times. Fast, and
 * right where the corners show the support.
 *
 * @returns [H, W], 1 on the object. Without a measured point in one of the corners' 3 × 3 blocks, or with the three on a
 *   line, there is no plane: everything measured is foreground.
 * @throws {@link ShapeError} unless the cloud is [H, W, 3] with at least one pixel, {@link ArgumentError} for a distance
 *   that is negative or not finite.
 */
export function cornerPlaneForeground(organised: OrganisedCloud, options: CornerPlaneOptions = {}): Mask {
  const { planeDistance = 0.005 } = options;
  const { xyz, height, width } = gridOf('cornerPlaneForeground', organised);
  if (!(planeDistance >= 0 && planeDistance < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError('cornerPlaneForeground', 'a finite planeDistance ≥ 0', planeDistance);
  }
  const corners = [
    [0, 0],
    [0, width - 3],
    [height - 3, 0],
  ].map(([row, column]) => blockMean(xyz, height, width, row, column));
  const plane = planeThrough(corners);
  if (plane === undefined) return measuredForeground(organised);

  let mask: Uint8Array = new Uint8Array(height * width);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const [x, y, z] = [xyz[3 * pixel], xyz[3 * pixel + 1], xyz[3 * pixel + 2]];
    const distance = Math.abs(plane[0] * x + plane[1] * y + plane[2] * z + plane[3]);
    mask[pixel] = Number(z !== 0 && distance > planeDistance);
  }
  // Three passes with 3 × 3 are one with 7 × 7.
  mask = erode(dilate(mask, height, width, 7), height, width, 7);
  return ndarray(mask, [height, width]);
}

function gridOf(where: string, { xyz }: OrganisedCloud) {
  const { shape } = xyz;
  if (shape.length !== 3 || shape[2] !== 3 || shape[0] === 0 || shape[1] === 0) {
    throw new ShapeError(where, 'an organised cloud [H, W, 3] with at least one pixel', shape);
  }
  return { xyz: contiguous(xyz), height: shape[0], width: shape[1] };
}

function isMeasured(xyz: Float32Array, pixel: number): boolean {
  for (let i = 3 * pixel; i < 3 * pixel + 3; i++) if (xyz[i] === 0 || !Number.isFinite(xyz[i])) return false;
  return true;
}

type Point = readonly [x: number, y: number, z: number];

/** Mean of the measured points of a 3 × 3 block; undefined without any. */
function blockMean(
  xyz: Float32Array,
  height: number,
  width: number,
  row: number,
  column: number,
): Point | undefined {
  const sum = [0, 0, 0];
  let count = 0;
  for (let i = Math.max(row, 0); i < Math.min(row + 3, height); i++) {
    for (let j = Math.max(column, 0); j < Math.min(column + 3, width); j++) {
      const pixel = i * width + j;
      if (!isMeasured(xyz, pixel)) continue;
      count++;
      for (let axis = 0; axis < 3; axis++) sum[axis] += xyz[3 * pixel + axis];
    }
  }
  return count === 0 ? undefined : [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** [a, b, c, d] with a x + b y + c z + d = signed distance. */
function planeThrough([a, b, c]: readonly (Point | undefined)[]): number[] | undefined {
  if (!a || !b || !c) return undefined;
  const [u, v] = [b, c].map((point) => [point[0] - a[0], point[1] - a[1], point[2] - a[2]]);
  const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2);
  if (!(length > 0)) return undefined;
  const unit = normal.map((value) => value / length);
  return [...unit, -(unit[0] * a[0] + unit[1] * a[1] + unit[2] * a[2])];
}
