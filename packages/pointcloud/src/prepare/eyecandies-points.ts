import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray, { type NdArray } from 'ndarray';
import { checkChoice } from '../check-points.js';

export interface EyecandiesPointsOptions {
  /** The depths of the values 0 and 65535, from the sample's info_depth file. */
  readonly minimum: number;
  readonly maximum: number;
  /** 4 × 4, row-major, from the sample's pose file. @defaultValue the identity */
  readonly pose?: ArrayLike<number>;
  /**
   * How the pose takes camera coordinates to the world: `'inverse'`, as the documentation of the dataset and the published
   * methods do it; `'forward'`; or `'none'`, not at all.
   * @defaultValue 'inverse'
   */
  readonly poseConvention?: 'inverse' | 'forward' | 'none';
  /** Focal length in pixels. @defaultValue 711.11 */
  readonly focal?: number;
}

/**
 * Points from a depth image of Eyecandies (`pointad.md` 2.4). Depth t = value / 65535 · (maximum − minimum) + minimum, in
 * float32; the point of (column i, row j) in the camera is ((i − W / 2) t / focal, (j − H / 2) t / focal, t).
 *
 * @param depth - [H, W], 16 bits.
 * @returns [H, W, 3]
 * @throws {@link ShapeError} when the depth has another rank or the pose is not 4 × 4.
 * @throws {@link ArgumentError} when a number is not finite, or the pose cannot be inverted.
 */
export function eyecandiesPoints(
  depth: NdArray<Uint16Array>,
  options: EyecandiesPointsOptions,
): OrganisedCloud {
  const { minimum, maximum, pose = identity, poseConvention = 'inverse', focal = 711.11 } = options;
  const where = 'eyecandiesPoints';
  if (depth.dimension !== 2) throw new ShapeError(`${where}: depth`, '[H, W]', depth.shape);
  checkChoice(where, 'poseConvention', poseConvention, ['inverse', 'forward', 'none']);
  if (!(minimum <= maximum && Number.isFinite(maximum - minimum))) {
    throw new ArgumentError(where, 'finite minimum ≤ maximum', `${minimum} and ${maximum}`);
  }
  if (!(focal > 0 && focal < Infinity)) throw new ArgumentError(`${where}: focal`, 'a length above 0', focal);
  const [a, b, c, d, e, f, g, h, i, j, k, l] = toWorld(where, pose, poseConvention);
  const [height, width] = depth.shape;
  const values = contiguous(depth);
  const xyz = new Float32Array(3 * values.length);
  for (let pixel = 0, at = 0; pixel < values.length; pixel++, at += 3) {
    const share = Math.fround(values[pixel] / 65535);
    const z = Math.fround(Math.fround(share * Math.fround(maximum - minimum)) + Math.fround(minimum));
    const x = (((pixel % width) - width / 2) * z) / focal;
    const y = ((Math.floor(pixel / width) - height / 2) * z) / focal;
    xyz[at] = a * x + b * y + c * z + d;
    xyz[at + 1] = e * x + f * y + g * z + h;
    xyz[at + 2] = i * x + j * y + k * z + l;
  }
  return { xyz: ndarray(xyz, [height, width, 3]) };
}

const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** The first three rows of the matrix from the camera to the world. */
function toWorld(
  where: string,
  pose: ArrayLike<number>,
  convention: 'inverse' | 'forward' | 'none',
): readonly number[] {
  const matrix = Array.from(pose);
  if (matrix.length !== 16) throw new ShapeError(`${where}: pose`, '4 × 4 numbers', [matrix.length]);
  const isAffine = matrix[12] === 0 && matrix[13] === 0 && matrix[14] === 0 && matrix[15] === 1;
  if (!matrix.every(Number.isFinite) || !isAffine) {
    throw new ArgumentError(`${where}: pose`, 'finite numbers with a last row of 0 0 0 1', pose);
  }
  if (convention === 'none') return identity;
  return convention === 'forward' ? matrix : inverseAffine(where, matrix);
}

function inverseAffine(where: string, [a, b, c, x, d, e, f, y, g, h, i, z]: readonly number[]): number[] {
  const cofactors = [e * i - f * h, c * h - b * i, b * f - c * e];
  cofactors.push(f * g - d * i, a * i - c * g, c * d - a * f);
  cofactors.push(d * h - e * g, b * g - a * h, a * e - b * d);
  const determinant = a * cofactors[0] + b * cofactors[3] + c * cofactors[6];
  if (determinant === 0)
    throw new ArgumentError(`${where}: pose`, 'a matrix that can be inverted', [a, b, c]);
  const [p, q, r, s, t, u, v, w, o] = cofactors.map((cofactor) => cofactor / determinant);
  return [
    ...[p, q, r, -(p * x + q * y + r * z)],
    ...[s, t, u, -(s * x + t * y + u * z)],
    ...[v, w, o, -(v * x + w * y + o * z)],
  ];
}
