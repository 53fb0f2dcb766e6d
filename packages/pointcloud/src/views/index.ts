export { accumulatedBoxes, type Box, boundingBox, unionOfBoxes } from './box.js';
export {
  type Camera,
  eyeOf,
  type FitCameraOptions,
  fitCamera,
  intrinsicOf,
  type LookAtOptions,
  lookAt,
  turnCamera,
  type WindowOptions,
} from './camera.js';
export { type Pose, rotateAbout } from './pose.js';
export { type Projection, projectPoints } from './project-points.js';
