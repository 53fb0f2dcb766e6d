export {
  type BackProjectionOptions,
  backProjection,
  type ViewNormalization,
  visibleCounts,
} from './back-projection.js';
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
export {
  type CorrespondenceOptions,
  type Correspondences,
  findCorrespondences,
  type OutOfFrame,
  type ProjectedView,
} from './correspondences.js';
export { fillNeverVisible, type NeverVisible, seenInAnyView } from './never-visible.js';
export { type Pose, rotateAbout } from './pose.js';
export { type Projection, projectPoints } from './project-points.js';
export {
  type GatherTerms,
  gatherTerms,
  multiplyRows,
  multiplyTransposedRows,
  type SparseRows,
  transposeRows,
} from './sparse-rows.js';
