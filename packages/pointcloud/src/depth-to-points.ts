import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import ndarray from 'ndarray';

/** A pinhole camera without distortion, in pixels. Pixel (0, 0) is the centre of the top left one. */
export interface PinholeIntrinsics {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
}

/** Options of {@link depthToPoints}. */
export interface DepthToPointsOptions {
  /**
   * 4 x 4, row-major, affine: applied to the points of the camera frame (x right, y down, z forward). Absent: the points
   * stay in the camera frame.
   */
  readonly transform?: ArrayLike<number>;
}

/**
 * Points of a depth image: the pixel in column u and row v with depth d is
 * transform · ((u − cx) d / fx, (v − cy) d / fy, d, 1), computed in float64.
 *
 * @param depth - [H, W], along the optical axis. Where it is 0, negative or not finite nothing was measured, and the
 *   result holds (0, 0, 0).
 * @returns [H, W, 3], in the unit of `depth`.
 * @throws {@link ShapeError} when `depth` is not [H, W] or `transform` has not 16 numbers.
 * @throws {@link ArgumentError} when a focal length is not positive or a number not finite.
 */
export function depthToPoints(
  depth: NdArray<Float32Array>,
  intrinsics: PinholeIntrinsics,
  options: DepthToPointsOptions = {},
): OrganisedCloud {
  const { transform = identity } = options;
  const { fx, fy, cx, cy } = intrinsics;
  if (depth.dimension !== 2) throw new ShapeError('depthToPoints: depth', '[H, W]', depth.shape);
  if (transform.length !== 16) throw new ShapeError('depthToPoints: transform', '[16]', [transform.length]);
  if (!(fx > 0 && fy > 0 && Number.isFinite(fx + fy + cx + cy))) {
    throw new ArgumentError(
      'depthToPoints: intrinsics',
      'finite numbers, fx and fy above 0',
      [fx, fy, cx, cy].join(', '),
    );
  }
  const [height, width] = depth.shape;
  const depths = contiguous(depth);
  const xyz = new Float32Array(3 * depths.length);
  for (let pixel = 0; pixel < depths.length; pixel++) {
    const z = depths[pixel];
    if (!(z > 0 && z < Number.POSITIVE_INFINITY)) continue;
    const x = (((pixel % width) - cx) * z) / fx;
    const y = ((Math.floor(pixel / width) - cy) * z) / fy;
    for (let axis = 0; axis < 3; axis++) {
      const row = 4 * axis;
      xyz[3 * pixel + axis] =
        transform[row] * x + transform[row + 1] * y + transform[row + 2] * z + transform[row + 3];
    }
  }
  return { xyz: ndarray(xyz, [height, width, 3]) };
}

/**
 * The inverse of an affine 4 x 4 matrix (last row 0 0 0 1), row-major.
 *
 * @throws {@link ShapeError} when it has not 16 numbers.
 * @throws {@link ArgumentError} when its last row is another one, or it cannot be inverted.
 */
export function invertAffine(matrix: ArrayLike<number>): Float64Array {
  if (matrix.length !== 16) throw new ShapeError('invertAffine', '[16]', [matrix.length]);
  const [a, b, c, x, d, e, f, y, g, h, i, z, ...last] = Array.from(matrix);
  const cofactors = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  const determinant = a * cofactors[0] + b * cofactors[3] + c * cofactors[6];
  if (last.join() !== '0,0,0,1')
    throw new ArgumentError('invertAffine', 'the last row 0 0 0 1', last.join(' '));
  if (!(Math.abs(determinant) > 0 && Number.isFinite(1 / determinant))) {
    throw new ArgumentError('invertAffine', 'a matrix that can be inverted', `determinant ${determinant}`);
  }
  const inverse = new Float64Array(16);
  for (let row = 0; row < 3; row++) {
    const [p, q, r] = cofactors.slice(3 * row, 3 * row + 3).map((cofactor) => cofactor / determinant);
    inverse.set([p, q, r, -(p * x + q * y + r * z)], 4 * row);
  }
  inverse[15] = 1;
  return inverse;
}

const identity = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
