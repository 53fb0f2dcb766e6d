export { type BackgroundOptions, type CleanScan, removeBackground } from './background.js';
export type { Coordinates } from './check-points.js';
export { type DbscanOptions, dbscan, largestCluster, NOISE } from './clusters.js';
export { type FarthestPointsOptions, farthestPoints } from './farthest-points.js';
export { computeFpfh, type FpfhOptions, type FpfhVariant, fpfhLength } from './fpfh.js';
export { buildKdTree, type KdTree } from './kd-tree.js';
export { type MeshSample, sampleMesh, type TriangleMesh } from './mesh-sampling.js';
export {
  hybridSearch,
  type KnnAllOptions,
  knn,
  knnAll,
  type NearestTable,
  type Neighbours,
  type NeighbourTable,
  nearest,
  nearestAll,
  radiusSearch,
  type Vec3,
} from './neighbours.js';
export { estimateNormals, type NormalOptions, type NormalSolver } from './normals.js';
export {
  crop,
  depthMap,
  type MaskResizeOptions,
  type MissingTest,
  maskResizeNearest,
  type PixelBox,
  padToSquare,
  resizeNearest,
  resizeScan,
  type Scan,
  squarePadding,
  toOrganised,
  toUnorganised,
  type UnorganisedPoints,
} from './organised.js';
export {
  type ConsistentOrientationOptions,
  orientNormalsAlong,
  orientNormalsConsistently,
  orientNormalsTowards,
} from './orient-normals.js';
export {
  type RadiusInliersOptions,
  radiusInliers,
  type StatisticalInliersOptions,
  statisticalInliers,
} from './outliers.js';
export {
  fitPlane,
  orientPlane,
  type Plane,
  type RansacOptions,
  type RansacPlane,
  ransacPlane,
  removePlane,
  signedDistance,
} from './plane.js';
export {
  centroid,
  composeRotations,
  type Matrix3,
  randomRotation,
  rotatePoints,
  rotationAbout,
  rotationX,
  rotationXyz,
  rotationY,
  rotationZ,
  viewGrid,
} from './rotations.js';
export { everyKth, randomPoints, selectPoints } from './select-points.js';
export { type VoxelGrid, type VoxelGridOptions, voxelGrid } from './voxel-grid.js';
export type { Xyz } from './xyz.js';
