export * from './btf/index.js';
export type { Detector, Prediction, PredictOptions } from './detector.js';
export * from './memory-bank/index.js';
