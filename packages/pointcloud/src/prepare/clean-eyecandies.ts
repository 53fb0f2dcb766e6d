import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { checkChoice } from '../check-points.js';
import { keepPoints } from './prepare-scan.js';

export interface CleanEyecandiesOptions {
  /**
   * Where the two points are that show how the conveyor is tilted: in the middle columns of the first and the last row, or
   * at the raster indices 256 and N − 256, as the released code has it at any size; at 512 × 512 they are the same.
   * @defaultValue 'middle'
   */
  tiltColumns?: 'middle' | 'released';
}

/** A scan of Eyecandies without its background, in the orientation and unit (metres) that methods expect. */
export interface CleanEyecandies {
  /** [H, W, 3], (0, 0, 0) in the background. */
  readonly organised: OrganisedCloud;
  /** [H · W] 1 where there is a point. */
  readonly foreground: Uint8Array;
}

/**
 * Cuts the candy out of its conveyor (`pointad.md` 2.4). With s and e the points in the first and the last row and
 * (dz, dy) = (s_y − e_y, s_z − e_z) / |·|, points are tilted, q = [1 0 0; 0 dy −dz; 0 dz dy] (p − (0, e_y, e_z)), and those
 * with q_y > −0.02, q_z > 1.8 or |q_x| > 1 are background. The others become (0.1 x, −0.1 z, 0.1 y).
 *
 * @param points - [H, W, 3] world points, see {@link eyecandiesPoints}.
 * @throws {@link ShapeError} when the grid has another shape, or fewer pixels than `'released'` needs.
 * @throws {@link ArgumentError} when the two points do not tell a tilt.
 */
export function cleanEyecandies(
  points: OrganisedCloud,
  options: CleanEyecandiesOptions = {},
): CleanEyecandies {
  const { tiltColumns = 'middle' } = options;
  checkChoice('cleanEyecandies', 'tiltColumns', tiltColumns, ['middle', 'released']);
  const { shape } = points.xyz;
  const count = shape[0] * shape[1];
  if (shape.length !== 3 || shape[2] !== 3 || count < (tiltColumns === 'released' ? 257 : 1)) {
    throw new ShapeError('cleanEyecandies: points', '[H, W, 3] with the two pixels of the tilt', shape);
  }
  const xyz = contiguous(points.xyz);
  const middle = Math.floor(shape[1] / 2);
  const s = 3 * (tiltColumns === 'released' ? 256 : middle);
  const e = 3 * (tiltColumns === 'released' ? count - 256 : (shape[0] - 1) * shape[1] + middle);
  const length = Math.hypot(xyz[s + 1] - xyz[e + 1], xyz[s + 2] - xyz[e + 2]);
  if (!(length > 0 && length < Infinity)) {
    throw new ArgumentError(
      'cleanEyecandies',
      'two finite points that differ in y or z to tell the tilt',
      length,
    );
  }
  const sine = (xyz[s + 1] - xyz[e + 1]) / length;
  const cosine = (xyz[s + 2] - xyz[e + 2]) / length;
  const kept = keepPoints(xyz, (x, y, z) => {
    const qy = cosine * (y - xyz[e + 1]) - sine * (z - xyz[e + 2]);
    const qz = sine * (y - xyz[e + 1]) + cosine * (z - xyz[e + 2]);
    return qy <= -0.02 && qz <= 1.8 && Math.abs(x) <= 1; // false for NaN too
  });
  const { positions, foreground } = kept;
  for (let i = 0; i < positions.length; i += 3) {
    if (!foreground[i / 3]) continue;
    const [x, y, z] = positions.subarray(i, i + 3);
    positions.set([0.1 * x, -0.1 * z, 0.1 * y], i);
  }
  return { organised: { xyz: ndarray(positions, shape) }, foreground };
}
