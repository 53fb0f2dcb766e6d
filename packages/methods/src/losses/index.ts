export { crossEntropy } from './cross-entropy.js';
export { diceLoss } from './dice.js';
export { focalLoss } from './focal.js';
