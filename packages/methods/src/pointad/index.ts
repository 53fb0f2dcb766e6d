export {
  type FeatureBlocks,
  featureBlocks,
  type PartialPointadConfig,
  type PointadConfig,
  pointadConfig,
  pointadPresets,
} from './config.js';
export {
  type HybridLoss,
  type HybridLossConfig,
  hybridLoss,
  type LossTerm,
  lossTerms,
  type PointadBatch,
} from './hybrid-loss.js';
export {
  encodePrompts,
  initialPrompts,
  type PromptConfig,
  type PromptParameters,
  type PromptTokens,
  promptParameters,
} from './prompts.js';
export { type PointGather, patchProbabilities, pointProbabilities, viewLogits, viewMaps } from './scores.js';
