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
export { interpolationMatrix, type ResizeOptions, resize } from './resize.js';
