export { withOpenClipNames } from './checkpoint-names.js';
export {
  type ClipConfig,
  clipConfig,
  clipModelNames,
  clipPreprocessing,
  type PreprocessConfig,
  type TextConfig,
  type VisionConfig,
} from './config.js';
export { parseClipConfig } from './parse-config.js';
export { type EncodeEmbeddingsOptions, endPosition, TextTower } from './text.js';
export { type Block, runBlock } from './transformer.js';
export { type EncodeImagesOptions, type ImageFeatures, VisionTower } from './vision.js';
