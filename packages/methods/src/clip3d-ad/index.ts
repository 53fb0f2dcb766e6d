export {
  type DecoderConfig,
  type DecoderKind,
  type DecoderSizes,
  decode,
  initialDecoder,
} from './decoder.js';
export { fuseGlobal, type GlobalFusionConfig, initialGlobalFusion } from './global-fusion.js';
export { fuseLocal, initialLocalFusion, type LocalFusionConfig } from './local-fusion.js';
export { type SegmentationConfig, segment } from './segmentation.js';
