export { type ClipAcDetector, type ClipAcSample, createClipAc } from './clip-ac-detector.js';
export { type ClipAcConfig, clipAcPresets } from './config.js';
