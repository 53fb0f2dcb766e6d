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
export { type Drawable, toDrawable } from './drawable.js';
export { type Light, type Lighting, type ViewerLightingOptions, viewerLighting } from './lighting.js';
export { type MeshAttributes, type MeshSurface, meshSurface } from './mesh-surface.js';
export {
  createMultiViewSample,
  type MultiViewSample,
  renderingOf,
  viewLabels,
} from './multi-view-sample.js';
export { fillNeverVisible, type NeverVisible, seenInAnyView } from './never-visible.js';
export { paintColours, paintGrey } from './paint.js';
export { type PlannedView, type PlanViewsOptions, planViews } from './plan-views.js';
export { adaptivePointSizes, pointSpacing } from './point-spacing.js';
export { type Pose, rotateAbout } from './pose.js';
export { type Projection, projectPoints } from './project-points.js';
export { depthImage, type Raster, renderedDepth } from './raster.js';
export { rasteriseMesh } from './rasterise-mesh.js';
export { type CoverageOptions, type RasterisePointsOptions, rasterisePoints } from './rasterise-points.js';
export { recolourSample } from './recolour-sample.js';
export { type RemoveOccludedOptions, removeOccluded } from './remove-occluded.js';
export { type RenderViewOptions, renderView, type View } from './render-view.js';
export { type RenderViewsOptions, renderViews } from './render-views.js';
export { readMultiViewSample, writeMultiViewSample } from './sample-file.js';
export { sampleKey } from './sample-key.js';
export {
  type MultiViewSampleOptions,
  type ResolvedSampleOptions,
  resolveSampleOptions,
  type SampleCamera,
  type SampleKeep,
  type SampleRendering,
  type SampleViews,
  type SampleVisibility,
} from './sample-options.js';
export type { SampleDataset, SamplePreset } from './sample-presets.js';
export { drawnBox } from './sample-scene.js';
export { type Grey, shadePoints } from './shade-points.js';
export {
  type GatherTerms,
  gatherTerms,
  multiplyRows,
  multiplyTransposedRows,
  type SparseRows,
  transposeRows,
} from './sparse-rows.js';
export { type StepBackOptions, stepBack } from './step-back.js';
export { vertexNormals } from './vertex-normals.js';
export {
  type ClassPosesOptions,
  type ViewPosesOptions,
  type ViewSchedule,
  viewPoses,
  viewPosesOfClass,
} from './view-poses.js';
