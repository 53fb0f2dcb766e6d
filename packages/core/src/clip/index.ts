export {
  type BytePairOptions,
  type BytePairVocabulary,
  bytePairTokenizer,
  parseMerges,
  vocabularyOfMerges,
} from './byte-pair-tokenizer.js';
export { withOpenClipNames } from './checkpoint-names.js';
export { cleanText } from './clean-text.js';
export { type ClipCheckpointOptions, clipCheckpoint } from './clip-checkpoint.js';
export {
  type ClipConfig,
  clipConfig,
  clipModelNames,
  clipPreprocessing,
  type PreprocessConfig,
  type TextConfig,
  type VisionConfig,
} from './config.js';
export { type InferClipConfigOptions, inferClipConfig } from './infer-config.js';
export { Clip, type LoadClipOptions, loadClip } from './load-clip.js';
export { parseClipConfig } from './parse-config.js';
export { preprocessImages } from './preprocess-images.js';
export {
  type EncodePromptEnsembleOptions,
  encodePromptEnsemble,
  fillPrompts,
  type PromptEnsemble,
  promptStates,
  promptTemplates,
} from './prompts.js';
export { readTokenizer } from './read-tokenizer.js';
export { type EncodeEmbeddingsOptions, endPosition, TextTower } from './text.js';
export { TextTooLongError, type TokenizeOptions, type Tokenizer } from './tokenizer.js';
export { type Block, runBlock } from './transformer.js';
export { type BothPaths, type EncodeImagesOptions, type ImageFeatures, VisionTower } from './vision.js';
export type { WindowFeatures } from './windows.js';
export { type WordVocabulary, wordTokenizer } from './word-tokenizer.js';
