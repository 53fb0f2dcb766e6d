export { adapter, adapterMlps, blendedAdapter, initialAdapter } from './adapter.js';
export { initialTransformerBlock, transformerBlock } from './transformer-block.js';
export {
  type HeadValues,
  type HeadWeights,
  initialLayerNorm,
  initialLinear,
  layerNormOf,
  linearOf,
  stateOf,
  tensorsOf,
  valuesOf,
  weightsOf,
} from './weights.js';
