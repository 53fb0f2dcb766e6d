export { type CachedEncoderOptions, cachedEncoder } from './cached-encoder.js';
export { checkpointKey, contentKey } from './content-key.js';
export { type ByteStore, FeatureCache, type FeatureCacheOptions, type Features } from './feature-cache.js';
export type { ImageEncoder } from './image-encoder.js';
export {
  createOnnxImageEncoder,
  type OnnxImageEncoderOptions,
  type OnnxRuntime,
  type OnnxSession,
  type OnnxTensor,
} from './onnx-image-encoder.js';
