import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray, { type NdArray } from 'ndarray';

export interface PointsOfInterestOptions {
  /** How many points are wanted, as a share of all pixels; at least one. @defaultValue 0.001 */
  share?: number;
  /**
   * `valid` takes the highest of the measured pixels; `all` takes the highest of all and drops those without a point,
   * so that fewer or none may be left. @defaultValue 'valid'
   */
  over?: 'valid' | 'all';
}

/**
 * The points of a scan where an attention map is highest: what 3DzAL's adding type donates (its map comes from a random
 * CNN). Of equal values the pixel that comes first wins.
 *
 * @param attention - [H, W], the grid of the scan.
 * @returns [K, 3], highest first; K is 0 for a scan without points.
 * @throws {@link ShapeError} for another grid, {@link ArgumentError} for NaN in the map or an option out of range.
 */
export function pointsOfInterest(
  { xyz }: OrganisedCloud,
  attention: NdArray<Float32Array>,
  options: PointsOfInterestOptions = {},
): NdArray<Float32Array> {
  const { share = 0.001, over = 'valid' } = options;
  const [height, width] = xyz.shape;
  if (xyz.shape.length !== 3 || xyz.shape[2] !== 3) {
    throw new ShapeError('pointsOfInterest', 'an organised cloud [H, W, 3]', xyz.shape);
  }
  if (attention.shape.length !== 2 || attention.shape[0] !== height || attention.shape[1] !== width) {
    throw new ShapeError(
      'pointsOfInterest',
      `attention of the scan's grid [${height}, ${width}]`,
      attention.shape,
    );
  }
  if (!(share > 0 && share <= 1)) throw new ArgumentError('pointsOfInterest', 'share in (0, 1]', share);
  if (over !== 'valid' && over !== 'all')
    throw new ArgumentError('pointsOfInterest', "'valid' or 'all'", over);
  const points = contiguous(xyz);
  const values = contiguous(attention);
  if (values.some(Number.isNaN))
    throw new ArgumentError('pointsOfInterest', 'attention without NaN', Number.NaN);

  const isValid = (pixel: number) =>
    [0, 1, 2].every((axis) => Number.isFinite(points[3 * pixel + axis]) && points[3 * pixel + axis] !== 0);
  const pixels = Uint32Array.from(values.keys());
  const ranked = (over === 'valid' ? pixels.filter(isValid) : pixels).sort(
    (a, b) => values[b] - values[a] || a - b,
  );
  const chosen = ranked.subarray(0, Math.max(1, Math.round(share * height * width))).filter(isValid);
  const result = new Float32Array(3 * chosen.length);
  chosen.forEach((pixel, i) => {
    result.set(points.subarray(3 * pixel, 3 * pixel + 3), 3 * i);
  });
  return ndarray(result, [chosen.length, 3]);
}
