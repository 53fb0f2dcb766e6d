export { atThresholds, type ThresholdMetrics } from './at-thresholds.js';
export { type AupimoOptions, type AupimoResult, aupimo } from './aupimo.js';
export { type AuproMode, type AuproOptions, type AuproResult, aupro } from './aupro.js';
export { type AurocOptions, auroc } from './auroc.js';
export { type AuprOptions, aupr, averagePrecision } from './average-precision.js';
export {
  type CloudMetrics,
  type CloudMetricsOptions,
  cloudMetrics,
  type ScoredCloud,
} from './cloud-metrics.js';
export { type CloudRegionOptions, type CloudRegions, cloudRegions } from './cloud-regions.js';
export { type ConnectedComponents, connectedComponents, type RegionOptions } from './connected-components.js';
export {
  type Curve,
  type CurveOptions,
  f1Curve,
  fprCurve,
  iouCurve,
  prCurve,
  proCurve,
  rocCurve,
} from './curves.js';
export { MetricsInputError } from './errors.js';
export { type F1Max, type F1MaxOptions, f1Max } from './f1-max.js';
export { formatPercent } from './format-percent.js';
export type { Bounded, HistogramMetrics } from './histogram-metrics.js';
export { type ImageMetrics, imageMetrics, mapMaxScores } from './image-metrics.js';
export type { LabelInput, MaskMap, NanOptions, NanPolicy, ScoreInput, ScoreMap, Scores } from './inputs.js';
export { type ClassMeans, meanOverClasses } from './mean-over-classes.js';
export {
  createPixelAccumulator,
  type ExactAccumulatorOptions,
  type PixelAccumulator,
} from './pixel-accumulator.js';
export { type PixelMetrics, pixelMetrics } from './pixel-metrics.js';
export type { PoolOptions } from './pool.js';
export { pro } from './pro.js';
export { edgeMap, foregroundMap, type ReferenceMap } from './reference-maps.js';
export { type HistogramOptions, scoreRange } from './score-histogram.js';
export { spreadScores } from './spread-scores.js';
export type { RankingSummary } from './summary.js';
