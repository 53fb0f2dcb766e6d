export { type CoresetOptions, coreset, coresetIndices, coresetSize } from './coreset.js';
export { greedyKCentre, type KCentreOptions } from './k-centre.js';
export { type NearestRows, nearestRows } from './nearest-rows.js';
export { type ReweightedScore, type ReweightedScoreOptions, reweightedScore } from './reweighted-score.js';
export { takeRows } from './rows.js';
export {
  type ProjectedRows,
  projectedDimension,
  type SparseProjectionOptions,
  sparseProjection,
} from './sparse-projection.js';
