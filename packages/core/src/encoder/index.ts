export { EncoderError } from './encoder-error.js';
export type { ImageEncoder } from './image-encoder.js';
export {
  createOnnxImageEncoder,
  type OnnxImageEncoder,
  type OnnxImageEncoderOptions,
  type SelfCheckOptions,
} from './onnx-image-encoder.js';
export type { OnnxPrecision } from './onnx-layers.js';
export type { OnnxRuntime, OnnxSession, OnnxTensor } from './onnx-runtime.js';
