export { type PointclipConfig, pointclipPresets } from './config.js';
export { depthView, viewImage } from './depth-view.js';
export { createPointclip, type PointclipDetector } from './pointclip-detector.js';
export { type ProjectedCloud, projectCloud } from './project-cloud.js';
export { type QuantisedPoints, quantise } from './quantise.js';
export { viewRotations } from './view-rotations.js';
