export {
  type AnomalyClipConfig,
  type AnomalyClipPreset,
  anomalyClipConfig,
  anomalyClipPresets,
  type PartialAnomalyClipConfig,
} from './config.js';
export { depthImage } from './depth-image.js';
export {
  type AnomalyClipDetector,
  type AnomalyClipPart,
  type AnomalyClipPrediction,
  type AnomalyClipSample,
  createAnomalyClip,
} from './detector.js';
export { loadAnomalyClip, saveAnomalyClip } from './detector-file.js';
export { type FitAnomalyClipOptions, type FittedAnomalyClip, fitAnomalyClip } from './fit.js';
export { type AnomalyClipBatch, anomalyClipLoss } from './loss.js';
