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
export { type Light, type Lighting, type ViewerLightingOptions, viewerLighting } from './lighting.js';
export { paintColours, paintGrey } from './paint.js';
export { type Pose, rotateAbout } from './pose.js';
export { type Projection, projectPoints } from './project-points.js';
export { type Raster, renderedDepth } from './raster.js';
export { type RasterisePointsOptions, rasterisePoints } from './rasterise-points.js';
export { type Grey, shadePoints } from './shade-points.js';
export { type StepBackOptions, stepBack } from './step-back.js';
export {
  type ClassPosesOptions,
  type ViewPosesOptions,
  type ViewSchedule,
  viewPoses,
  viewPosesOfClass,
} from './view-poses.js';
