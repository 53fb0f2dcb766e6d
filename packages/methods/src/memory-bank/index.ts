export {
  type BankSearch,
  type BankSearchOptions,
  createBankSearch,
  type Neighbours,
  type SearchOptions,
  searchBank,
} from './bank-search.js';
export { type CoresetOptions, coreset, coresetSize } from './coreset.js';
export { greedyKCentre, type KCentreOptions } from './k-centre.js';
export type { MatrixProduct, PreparedBlock } from './matrix-product.js';
export { type NearestRows, nearestRows } from './nearest-rows.js';
export {
  type ReweightedScore,
  type ReweightedScoreOptions,
  reweightedScore,
  type SearchedScore,
  type SearchedScoreOptions,
  searchScore,
} from './reweighted-score.js';
export { takeRows } from './rows.js';
export {
  type ProjectedRows,
  projectedDimension,
  type SparseProjectionOptions,
  sparseProjection,
} from './sparse-projection.js';
