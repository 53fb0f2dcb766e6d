export { binaryCrossEntropy } from './binary-cross-entropy.js';
export { crossEntropy } from './cross-entropy.js';
export { diceLoss } from './dice.js';
export { focalLoss } from './focal.js';
export { type PairContrastiveOptions, pairContrastiveLoss } from './pair-contrastive.js';
