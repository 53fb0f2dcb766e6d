import { ArgumentError } from '@anomclip/core';
import type { Coordinates } from '../check-points.js';
import { type Camera, checkCamera } from './camera.js';
import { toCameraFrame } from './camera-frame.js';
import { projectPoints } from './project-points.js';

export interface StepBackOptions {
  /** Length of a step, in the unit of the cloud. @defaultValue 0.005 */
  step?: number;
  /** Steps made in any case; the published Eyecandies renderings always make one. @defaultValue 1 */
  minimumSteps?: number;
}

/**
 * Moves a camera back along its axis, in whole steps, until all points lie inside its window and beyond its near plane
 * (`pointad.md` 2.7, Eyecandies). The far plane moves with the points.
 *
 * @param positions - xyz triples in the world; without points only `minimumSteps` are made.
 * @throws {@link ArgumentError} when the principal point is outside the window, which no distance mends.
 */
export function stepBack(camera: Camera, positions: Coordinates, options: StepBackOptions = {}): Camera {
  const { step = 0.005, minimumSteps = 1 } = options;
  checkCamera('stepBack', camera);
  if (!(step > 0 && step < Infinity)) throw new ArgumentError('stepBack: step', 'a length above 0', step);
  if (!Number.isInteger(minimumSteps) || minimumSteps < 0) {
    throw new ArgumentError('stepBack: minimumSteps', 'a whole number ≥ 0', minimumSteps);
  }
  const { width, height, centreX, centreY } = camera;
  if (!(centreX > -0.5 && centreX < width - 0.5 && centreY > -0.5 && centreY < height - 0.5)) {
    throw new ArgumentError('stepBack', 'a principal point inside the window', [centreX, centreY]);
  }
  const needed = Math.ceil(missingDistance(camera, positions) / step);
  let moved = moveBack(camera, step * Math.max(minimumSteps, needed));
  // Rounding may leave a point on the last border, which belongs to the outside. One step is too little to make a
  // difference to a camera that is far away, so it doubles.
  for (let more = step; !seesAll(moved, positions); more *= 2) moved = moveBack(moved, more);
  return moved;
}

/** How much further away the camera must be for the point that needs most. */
function missingDistance(camera: Camera, positions: Coordinates): number {
  const { width, height, focal, centreX, centreY, near } = camera;
  const seen = toCameraFrame(positions, camera);
  let missing = -Infinity;
  for (let i = 0; i < seen.length; i += 3) {
    const x = seen[i];
    const y = seen[i + 1];
    const needed = Math.max(
      near,
      x > 0 ? (x * focal) / (width - 0.5 - centreX) : (-x * focal) / (centreX + 0.5),
      y > 0 ? (y * focal) / (height - 0.5 - centreY) : (-y * focal) / (centreY + 0.5),
    );
    missing = Math.max(missing, needed - seen[i + 2]);
  }
  return missing;
}

function moveBack(camera: Camera, distance: number): Camera {
  const extrinsic = camera.extrinsic.slice();
  extrinsic[11] += distance;
  return { ...camera, extrinsic, far: camera.far + distance };
}

function seesAll(camera: Camera, positions: Coordinates): boolean {
  const { u, v, depth } = projectPoints(positions, camera);
  return depth.every(
    (z, i) =>
      z >= camera.near &&
      u[i] >= -0.5 &&
      u[i] < camera.width - 0.5 &&
      v[i] >= -0.5 &&
      v[i] < camera.height - 0.5,
  );
}
