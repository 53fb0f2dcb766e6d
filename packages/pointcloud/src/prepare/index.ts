export { type CleanEyecandies, type CleanEyecandiesOptions, cleanEyecandies } from './clean-eyecandies.js';
export { type EyecandiesPointsOptions, eyecandiesPoints } from './eyecandies-points.js';
export { prepareCloud } from './prepare-cloud.js';
export { type PrepareEyecandiesOptions, prepareEyecandies } from './prepare-eyecandies.js';
export { type PreparedMvtec3d, type PrepareMvtec3dOptions, prepareMvtec3d } from './prepare-mvtec3d.js';
export { type PrepareReal3dOptions, prepareReal3d, type Real3dSampling } from './prepare-real3d.js';
export { type PrepareScanOptions, prepareScan } from './prepare-scan.js';
export { checkPreparedCloud, type PreparedCloud } from './prepared-cloud.js';
