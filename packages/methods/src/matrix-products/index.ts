export type { MatrixProduct, PreparedBlock } from '../memory-bank/index.js';
export { type OnnxProductOptions, onnxProduct } from './onnx-product.js';
export { tfjsProduct } from './tfjs-product.js';
