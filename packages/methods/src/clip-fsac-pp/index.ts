export { anomalyDescriptor, type Descriptors } from './anomaly-descriptor.js';
export {
  type FsacConfig,
  type FsacDataset,
  type FsacPreset,
  type FsacSynthesisConfig,
  fsacBatchSize,
  fsacConfig,
  type PartialFsacConfig,
} from './config.js';
export type {
  ClipIdentity,
  FsacDetector,
  FsacFeatures,
  FsacModel,
  FsacSample,
  ScoreImagesOptions,
} from './detector.js';
export { createFsacDetector } from './detector.js';
export { loadFsac, saveFsac } from './detector-file.js';
export type { ClipVision } from './embed.js';
export { type FitFsacOptions, type FittedFsac, fitFsac } from './fit.js';
export type { GradientMapOptions } from './gradient-map.js';
export { adaptText, cosines, type EnhancedFeatures, enhance, type HeadConfig, initialHead } from './head.js';
export { type FsacLoss, type FsacLossConfig, fsacLoss } from './loss.js';
export { encodeFsacPrompts, type FsacPrompts, fsacPrompts } from './prompts.js';
export {
  type AloneFeatures,
  anomalyScore,
  enhanceAlone,
  type GroupScoreOptions,
  marginsAlone,
  marginsInGroups,
  type ScoreConfig,
} from './score.js';
export type { BestTestOptions, FsacSelection, TestMetrics } from './selection.js';
