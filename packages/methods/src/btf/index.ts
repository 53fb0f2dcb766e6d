export type { MapBlur } from './blur.js';
export { type BtfDetector, type BtfSample, loadBtf } from './btf-detector.js';
export { type BtfCloudConfig, btfCloudPresets, type FittedBtfCloudConfig } from './cloud-config.js';
export { type BtfCloudDetector, loadBtfCloud } from './cloud-detector.js';
export { fitBtfCloud } from './cloud-fit.js';
export {
  type BankConfig,
  type BtfConfig,
  btfPresets,
  type Neighbourhood,
  type NormalOrientation,
} from './config.js';
export { fitBtf } from './fit.js';
export { poolFeatures } from './pool.js';
export { distanceMap } from './score.js';
