export type { AnomalyMap, Image, Mask } from './types.js';
