import { ArgumentError, ShapeError } from '@anomclip/core';
import { checkChoice } from '../check-points.js';
import { type Camera, checkCamera } from './camera.js';
import type { Projection } from './project-points.js';
import { emptyRaster, type Raster } from './raster.js';

export interface RasterisePointsOptions extends CoverageOptions {
  /** Side of the squares in pixels of the window, ≥ 1; one for all, or one per point. @defaultValue 8 */
  pointSize?: number | ArrayLike<number>;
}

export interface CoverageOptions {
  /**
   * Which pixels (i, j) a square of side s about (u, v) covers. `'centred'`: −s/2 ≤ i − u < s/2 (`pointad.md` 2.7);
   * `'roundHalfUp'`: −s/2 < i − u ≤ s/2, for odd s the square about (⌊u + ½⌋, ⌊v + ½⌋) of `clip3d-ad.md` 4.4. They
   * differ only where the border of a square meets pixel centres exactly. Rows likewise.
   * @defaultValue 'centred'
   */
  coverage?: 'centred' | 'roundHalfUp';
}

/**
 * Draws every point as a square parallel to the axes, the nearest in front; at equal depth the lower index stays. No
 * antialiasing. Points nearer than `near` or beyond `far` are left out; squares that stick out of the window are cut.
 *
 * @param projection - Of the points by this camera, see `projectPoints`.
 * @returns `index` counts points.
 * @throws {@link ArgumentError} for a size below 1 or an unknown rule, {@link ShapeError} for a wrong number of sizes.
 */
export function rasterisePoints(
  projection: Projection,
  camera: Camera,
  options: RasterisePointsOptions = {},
): Raster {
  const { pointSize = 8, coverage = 'centred' } = options;
  const { u, v, depth } = projection;
  checkCamera('rasterisePoints', camera);
  checkChoice('rasterisePoints', 'coverage', coverage, ['centred', 'roundHalfUp']);
  const sizes = checkedSizes(pointSize, depth.length);
  const { width, height, near, far } = camera;
  const raster = emptyRaster(width, height);
  const { index, depth: nearest } = raster;
  const firstFrom = coverage === 'centred' ? Math.ceil : firstAbove;
  for (let i = 0; i < depth.length; i++) {
    const z = depth[i];
    if (!(z >= near && z <= far)) continue;
    const half = (typeof sizes === 'number' ? sizes : sizes[i]) / 2;
    const left = Math.max(0, firstFrom(u[i] - half));
    const right = Math.min(width, firstFrom(u[i] + half));
    const top = Math.max(0, firstFrom(v[i] - half));
    const bottom = Math.min(height, firstFrom(v[i] + half));
    // The buffer is float32, the comparison exact: what float32 cannot tell apart is compared in float64.
    const rounded = Math.fround(z);
    for (let row = top; row < bottom; row++) {
      const end = row * width + right;
      for (let pixel = row * width + left; pixel < end; pixel++) {
        const before = nearest[pixel];
        if (rounded < before || (rounded === before && z < depth[index[pixel]])) {
          nearest[pixel] = rounded;
          index[pixel] = i;
        }
      }
    }
  }
  return raster;
}

/** The first whole number above `value`. */
function firstAbove(value: number): number {
  return Math.floor(value) + 1;
}

function checkedSizes(pointSize: number | ArrayLike<number>, count: number): number | ArrayLike<number> {
  if (typeof pointSize !== 'number' && pointSize.length !== count) {
    throw new ShapeError('rasterisePoints: pointSize', `one size, or one per point [${count}]`, [
      pointSize.length,
    ]);
  }
  const isSize = (size: number) => size >= 1 && size < Infinity;
  const wrong = typeof pointSize === 'number' ? [pointSize] : Array.from(pointSize);
  const first = wrong.find((size) => !isSize(size));
  if (first !== undefined) {
    throw new ArgumentError('rasterisePoints: pointSize', 'a size of at least 1 pixel', first);
  }
  return pointSize;
}
