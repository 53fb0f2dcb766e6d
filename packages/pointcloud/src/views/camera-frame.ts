import type { Coordinates } from '../check-points.js';
import type { Camera } from './camera.js';

/** The points in the frame of the camera: x right, y down, z forward. [3·N], a new array. */
export function toCameraFrame(positions: Coordinates, { extrinsic }: Camera): Float64Array {
  const [xx, xy, xz, xt, yx, yy, yz, yt, zx, zy, zz, zt] = extrinsic;
  const seen = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    const x = positions[i];
    const y = positions[i + 1];
    const z = positions[i + 2];
    seen[i] = xx * x + xy * y + xz * z + xt;
    seen[i + 1] = yx * x + yy * y + yz * z + yt;
    seen[i + 2] = zx * x + zy * y + zz * z + zt;
  }
  return seen;
}
