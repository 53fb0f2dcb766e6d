export { type AdapterConfig, adapt, initialAdapterOf } from './adapters.js';
export {
  type Clip3dConfig,
  type Clip3dSizes,
  clip3dConfig,
  clip3dDefaults,
  type PartialClip3dConfig,
  sizesOf,
} from './config.js';
export {
  type DecoderConfig,
  type DecoderKind,
  type DecoderSizes,
  decode,
  initialDecoder,
} from './decoder.js';
export { type Clip3dDetector, type Clip3dPrediction, createClip3dDetector } from './detector.js';
export { type Clip3dRequirements, clip3dRequirements, loadClip3d, saveClip3d } from './detector-file.js';
export { type Clip3dEncoder, type Clip3dFeatures, clip3dEncoding, encodeSamples } from './features.js';
export { type Clip3dModel, type FitClip3dOptions, type FittedClip3d, fitClip3d } from './fit.js';
export { fuseGlobal, type GlobalFusionConfig, initialGlobalFusion } from './global-fusion.js';
export { type EnhancedImages, enhance, initialHead, initialImageHead } from './head.js';
export { fuseLocal, initialLocalFusion, type LocalFusionConfig } from './local-fusion.js';
export { type Clip3dBatch, clip3dLosses } from './loss.js';
export { type Clip3dSample, type Clip3dScan, evaluationMask, prepareClip3d } from './prepare.js';
export { type SegmentationConfig, segment } from './segmentation.js';
export { type SimulatedAnomaly, type SimulationOptions, simulateAnomaly } from './simulation.js';
