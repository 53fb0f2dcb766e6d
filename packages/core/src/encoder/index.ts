export type { ImageEncoder } from './image-encoder.js';
export {
  createOnnxImageEncoder,
  type OnnxImageEncoderOptions,
  type OnnxRuntime,
  type OnnxSession,
  type OnnxTensor,
} from './onnx-image-encoder.js';
