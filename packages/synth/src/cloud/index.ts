export { type AddedPatch, type AddedPatchOptions, addedPatch } from './added-patch.js';
export { type CloudDefectKind, cloudDefectKinds } from './defect-profiles.js';
export { type JitterOptions, jitterPoints } from './jitter-points.js';
export { type OccludeOptions, occludePoints } from './occlude-points.js';
export {
  type PlantDefectOptions,
  type PlantedDefect,
  plantDefect,
  plantDefectInScan,
} from './plant-defect.js';
export { type PointsOfInterestOptions, pointsOfInterest } from './points-of-interest.js';
export { type RemovedPatch, type RemovedPatchOptions, removedPatch } from './removed-patch.js';
export type { Vec3 } from './surface-direction.js';
export { indexSurface, type SurfaceIndex } from './surface-index.js';
export { type CloudPart, type ThinOptions, thinPoints } from './thin-points.js';
