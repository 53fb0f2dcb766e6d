export {
  viewsOf,
  type WinclipCloudDetector,
  type WinclipCloudSample,
  winclipOnViews,
} from './cloud-detector.js';
export { type WinclipConfig, winclipPresets } from './config.js';
export { harmonicMean, spreadWindows } from './harmonic-mean.js';
export type { WinclipScores } from './scores.js';
export { createWinclip, fitWinclip, type WinclipDetector, type WinclipSample } from './winclip-detector.js';
