export { attentionMap } from './attention.js';
export { type ThreeDzalBatch, type TrainingScan, threeDzalBatch } from './batch.js';
export {
  type PartialThreeDzalConfig,
  type ThreeDzalConfig,
  type ThreeDzalPreset,
  threeDzalConfig,
  threeDzalPresets,
} from './config.js';
export { contrastiveLoss } from './contrastive-loss.js';
export type { ThreeDzalConstants, ThreeDzalDetector } from './detector.js';
export { type LoadThreeDzalOptions, loadThreeDzal } from './detector-file.js';
export {
  type DisentanglementOptions,
  disentanglementLoss,
  orthonormalColumns,
} from './disentanglement-loss.js';
export { attentionNetwork, type PointsToDonateOptions, pointsToDonate } from './donors.js';
export { type FitThreeDzalOptions, type FittedThreeDzal, fitThreeDzal } from './fit.js';
export { createNetworks, type ThreeDzalNetworks } from './networks.js';
export { normalcyLoss } from './normalcy-loss.js';
export { type CellPatch, cellPatches, type NetworkPatches, networkPatches } from './patches.js';
export { perturb } from './perturb.js';
export { type PseudoPatches, pseudoPatches } from './pseudo-patches.js';
export {
  type FusionWeights,
  fuseOverTestSet,
  fuseTerms,
  type ThreeDzalPrediction,
  type ThreeDzalTerm,
} from './score.js';
export { trainingLoss } from './training-loss.js';
