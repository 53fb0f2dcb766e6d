import { ArgumentError } from '@anomclip/core';
import { type Coordinates, checkChoice, type Vec3 } from '../check-points.js';
import { centroid } from '../rotations.js';
import type { Xyz } from '../xyz.js';
import { accumulatedBoxes, type Box, boundingBox, unionOfBoxes } from './box.js';
import { type Camera, type FitCameraOptions, fitCamera } from './camera.js';
import { type Pose, rotateAbout } from './pose.js';
import { type StepBackOptions, stepBack } from './step-back.js';
import { viewPoses } from './view-poses.js';

/** One view of a cloud before it is drawn. */
export interface PlannedView {
  readonly pose: Pose;
  /** What the cloud turns about. */
  readonly centre: Xyz;
  readonly camera: Camera;
  /** What the camera was fitted to, which also places the lights. */
  readonly box: Box;
}

export interface PlanViewsOptions extends FitCameraOptions {
  /** Default: `circularX` with nine views. */
  poses?: readonly Pose[];
  /** What the cloud turns about. Default: the mean of its points. */
  centre?: Vec3;
  /**
   * What each camera is fitted to: the box of its own view; of all views of the sample, so that they share a camera; or
   * of all views so far, as in a visualiser that is never reset.
   * @defaultValue 'view'
   */
  cameraFit?: 'view' | 'sample' | 'accumulate';
  /** For `'accumulate'`: the box of what was drawn before, such as `box` of the last view of the sample before. */
  drawnBefore?: Box;
  /** Move the fitted cameras back until they see all points. @defaultValue false */
  stepBack?: boolean | StepBackOptions;
  /** Cameras to use instead of fitted ones: one for all views, or one per view. */
  cameras?: Camera | readonly Camera[];
}

/**
 * Decides pose and camera of every view.
 *
 * @param positions - xyz triples, length 3·N. No points, or only one: see `fitCamera`.
 * @throws {@link ArgumentError} for options that cannot be, or a coordinate that is not finite.
 */
export function planViews(positions: Coordinates, options: PlanViewsOptions = {}): PlannedView[] {
  const { poses = viewPoses(), cameraFit = 'view', drawnBefore, cameras } = options;
  checkChoice('planViews', 'cameraFit', cameraFit, ['view', 'sample', 'accumulate']);
  const [x, y, z] = Array.from(options.centre ?? centroid(positions));
  const centre: Xyz = [x, y, z];
  const tight = poses.map((pose) => boundingBox(rotateAbout(positions, pose, centre)));
  const boxes = fittedBoxes(tight, cameraFit, drawnBefore);
  if (isList(cameras) && cameras.length !== poses.length) {
    throw new ArgumentError('planViews: cameras', `one camera, or one per pose (${poses.length})`, cameras);
  }
  return poses.map((pose, view) => {
    const box = boxes[view];
    const given = isList(cameras) ? cameras[view] : cameras;
    const camera = given ?? fittedCamera(positions, pose, centre, box, options);
    return { pose, centre, camera, box };
  });
}

function fittedBoxes(
  tight: readonly Box[],
  cameraFit: 'view' | 'sample' | 'accumulate',
  drawnBefore: Box | undefined,
): readonly Box[] {
  if (cameraFit === 'view') return tight;
  if (cameraFit === 'accumulate') return accumulatedBoxes(tight, drawnBefore);
  const union = unionOfBoxes(tight);
  return tight.map(() => union);
}

function fittedCamera(
  positions: Coordinates,
  pose: Pose,
  centre: Xyz,
  box: Box,
  options: PlanViewsOptions,
): Camera {
  const camera = fitCamera(box, options);
  if (!options.stepBack) return camera;
  const steps = options.stepBack === true ? {} : options.stepBack;
  return stepBack(camera, rotateAbout(positions, pose, centre), steps);
}

function isList(cameras: Camera | readonly Camera[] | undefined): cameras is readonly Camera[] {
  return Array.isArray(cameras);
}
