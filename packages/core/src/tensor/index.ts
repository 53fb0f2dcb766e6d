export { type BatchNorm, type BatchNormOptions, batchNorm, moveStatistics } from './batch-norm.js';
export {
  attention,
  gelu,
  type LayerNormWeights,
  type LinearWeights,
  layerNorm,
  linear,
  normalise,
  quickGelu,
} from './layers.js';
export { maxOfGroup } from './max-of-group.js';
export { type RecomputeOptions, recompute } from './recompute.js';
export { interpolationMatrix, type ResizeOptions, resize } from './resize.js';
