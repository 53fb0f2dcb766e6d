import { ArgumentError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import type { MultiViewSample } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import type { Detector, PredictOptions } from '../detector.js';
import { type FeatureBlocks, featureBlocks, type PointadConfig } from './config.js';
import { type PointadPrediction, predictSample } from './prediction.js';

/** A cloud for {@link PointadDetector}, rendered. */
export interface PointadSample {
  /** From `createMultiViewSample`; with labels for training. */
  readonly views: MultiViewSample;
  /** 1 anomalous; needed for training only. @defaultValue the largest label of the points */
  readonly label?: 0 | 1;
  /** xyz triples of the cells; needed for `pointSmoothing: 'knn'` only. */
  readonly positions?: Float32Array;
}

export interface PointadPredictOptions extends PredictOptions {
  /** Whether the colour image of the sample is looked at too. @defaultValue true where there is one */
  readonly useImage?: boolean;
}

/** The two texts that a detector compares with, as it is saved: 2·D numbers, unit length, row 0 normal. */
export interface TextPair {
  readonly data: Float32Array;
  readonly width: number;
}

/** PointAD, and every detector that compares the views of a cloud with two texts. */
export interface PointadDetector extends Detector<PointadSample> {
  readonly config: PointadConfig;
  /** [2, D] of unit length, row 0 normal: all that was learned. */
  readonly text: TextPair;
  /**
   * `pointScores` [N]; `anomalyMap` on the grid where there is one. With an image both say what cloud and image say
   * together; `cloud` and `image` hold each alone.
   *
   * @throws {@link ArgumentError} when the sample keeps no correspondences.
   */
  predict(sample: PointadSample, options?: PointadPredictOptions): Promise<PointadPrediction>;
}

/**
 * A detector from two texts.
 *
 * @param clip - Its vision tower, which stays the caller's.
 */
export function createPointadDetector(
  clip: Pick<Clip, 'vision' | 'config'>,
  { data, width }: TextPair,
  config: PointadConfig,
): PointadDetector {
  if (width !== clip.config.embeddingWidth) {
    throw new ArgumentError(
      'PointAD',
      `a model with embeddings of ${width} numbers, as the detector was fitted with`,
      clip.config.embeddingWidth,
    );
  }
  const blocks: FeatureBlocks = featureBlocks(config, clip.config);
  let text: tf.Tensor2D | null = tf.tensor2d(data.slice(), [2, width]);
  return {
    config,
    text: { data, width },
    async predict({ views, positions }, { signal, useImage = true } = {}) {
      if (!text)
        throw new ArgumentError('PointadDetector', 'a detector that has not been disposed', 'one that has');
      const image = useImage ? views.image : undefined;
      const parts = { views, ...(positions && { positions }), ...(image && { image }) };
      return predictSample(clip, text, parts, blocks, config, signal);
    },
    dispose() {
      text?.dispose();
      text = null;
    },
  };
}
