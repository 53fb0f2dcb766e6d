import type { NdArray } from 'ndarray';

/** RGB image: [H, W, 3], 8 bits per channel, row-major unless strides say otherwise. */
export type Image = NdArray<Uint8Array>;

/** Ground truth: [H, W], 0 normal, 1 anomalous. */
export type Mask = NdArray<Uint8Array>;

/** A detector's local scores: [H, W], higher is more anomalous. */
export type AnomalyMap = NdArray<Float32Array>;
