export { type CachedEncoderOptions, cachedEncoder } from './cached-encoder.js';
export { checkpointKey, contentKey } from './content-key.js';
export { EncoderError } from './encoder-error.js';
export { type ByteStore, FeatureCache, type FeatureCacheOptions, type Features } from './feature-cache.js';
export type { ImageEncoder } from './image-encoder.js';
export { type NodeOptions, OnnxGraph, type OnnxModel, type Value } from './onnx-graph.js';
export {
  createOnnxImageEncoder,
  type OnnxImageEncoder,
  type OnnxImageEncoderOptions,
  type SelfCheckOptions,
} from './onnx-image-encoder.js';
export type { OnnxPrecision } from './onnx-layers.js';
export type { OnnxRuntime, OnnxSession, OnnxTensor } from './onnx-runtime.js';
