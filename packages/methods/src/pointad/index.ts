export { pointadBatch, type TrainingSample, trainingSamples } from './batch.js';
export {
  type FeatureBlocks,
  featureBlocks,
  type PartialPointadConfig,
  type PointadConfig,
  type PointadPreset,
  pointadConfig,
  pointadPresets,
} from './config.js';
export {
  createPointadDetector,
  type PointadDetector,
  type PointadPredictOptions,
  type PointadSample,
  type TextPair,
} from './detector.js';
export { loadPointad, loadPointadPrompts, savePointad, savePointadPrompts } from './detector-file.js';
export { encodeViews, type ViewEncoder, type ViewFeatures } from './features.js';
export { type FitPointadOptions, type FittedPointad, fitPointad } from './fit.js';
export {
  type DiceSums,
  type HybridLoss,
  type HybridLossConfig,
  hybridLoss,
  type LossTerm,
  lossTerms,
  type PointadBatch,
} from './hybrid-loss.js';
export type { CloudPrediction, ImagePrediction, PointadPrediction } from './prediction.js';
export { type ClipParts, createPromptDetector, type PromptDetector } from './prompt-detector.js';
export { type PromptWords, promptTokens, spelledOut } from './prompt-tokens.js';
export {
  encodePrompts,
  initialPrompts,
  type PromptConfig,
  type PromptParameters,
  type PromptTokens,
  promptParameters,
} from './prompts.js';
export { type FeatureStore, sampleFeatures } from './sample-features.js';
export { patchProbabilities, viewLogits, viewMaps } from './scores.js';
export { type DiceConfig, type DiceTargets, diceTargets, type GroundTruth } from './targets.js';
