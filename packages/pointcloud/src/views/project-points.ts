import { type Coordinates, countPoints } from '../check-points.js';
import { type Camera, checkCamera } from './camera.js';

/** Where a camera sees points, one entry per point. */
export interface Projection {
  /** Column in the window, pixel centres at integers; NaN where the depth is not above 0. */
  readonly u: Float64Array;
  /** Row in the window, as `u`. */
  readonly v: Float64Array;
  /** Depth along the axis of the camera, in the unit of the cloud; ≤ 0 at and behind the camera. */
  readonly depth: Float64Array;
}

/**
 * u = focal · X / Z + centreX, v = focal · Y / Z + centreY, with (X, Y, Z) the point in the frame of the camera. Points
 * outside the window and outside near…far are projected too.
 *
 * @param positions - xyz triples in the world, length 3·N; all finite.
 * @throws {@link ShapeError} when `positions` are no triples, {@link ArgumentError} when a coordinate is not finite.
 */
export function projectPoints(positions: Coordinates, camera: Camera): Projection {
  const count = countPoints('projectPoints', positions);
  checkCamera('projectPoints', camera);
  const { focal, centreX, centreY } = camera;
  const [xx, xy, xz, xt, yx, yy, yz, yt, zx, zy, zz, zt] = camera.extrinsic;
  const u = new Float64Array(count);
  const v = new Float64Array(count);
  const depth = new Float64Array(count);
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    const x = positions[at];
    const y = positions[at + 1];
    const z = positions[at + 2];
    const distance = zx * x + zy * y + zz * z + zt;
    depth[i] = distance;
    if (distance > 0) {
      u[i] = (focal * (xx * x + xy * y + xz * z + xt)) / distance + centreX;
      v[i] = (focal * (yx * x + yy * y + yz * z + yt)) / distance + centreY;
    } else {
      u[i] = Number.NaN;
      v[i] = Number.NaN;
    }
  }
  return { u, v, depth };
}
