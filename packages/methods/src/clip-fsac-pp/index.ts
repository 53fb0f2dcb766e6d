export { anomalyDescriptor, type Descriptors } from './anomaly-descriptor.js';
export { adaptText, cosines, type EnhancedFeatures, enhance, type HeadConfig, initialHead } from './head.js';
export { type FsacLoss, type FsacLossConfig, fsacLoss } from './loss.js';
