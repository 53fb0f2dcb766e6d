import type { AnomalyMap } from '@anomclip/core/image';

export interface PredictOptions {
  /** Stops the prediction at its next step, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a detector says about one sample. Scores have no fixed range: higher is more anomalous. */
export interface Prediction {
  /** How anomalous the sample is as a whole. */
  readonly imageScore: number;
  /** [H, W], how anomalous each pixel is; absent for samples without pixels. */
  readonly anomalyMap?: AnomalyMap;
  /** [N], how anomalous each point is; absent for samples without a list of points. */
  readonly pointScores?: Float32Array;
}

/** Every method and every baseline, once it has been fitted or loaded. */
export interface Detector<Sample> {
  predict(sample: Sample, options?: PredictOptions): Promise<Prediction>;
  /** Frees what the detector holds. It is unusable afterwards; calling this twice is fine. */
  dispose(): void;
}
