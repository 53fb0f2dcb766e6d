import { ArgumentError, breathe } from '@anomclip/core';
import {
  type AnomalyMap,
  contiguous,
  createAnomalyMap,
  gaussianFilter,
  interpolate,
  type Mask,
} from '@anomclip/core/image';
import { type Box, renderingOf } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import { type HeadValues, type HeadWeights, tensorsOf } from '../heads/weights.js';
import { type Clip3dConfig, type Clip3dSizes, sizesOf } from './config.js';
import { type Clip3dEncoder, disposeFeatures, encodeSamples } from './features.js';
import { anomalousProbability, enhance } from './head.js';
import { type Clip3dSample, type Clip3dScan, evaluationMask } from './prepare.js';
import { ScanPreparer } from './scan-preparer.js';
import { segment } from './segmentation.js';

export interface Clip3dPrediction extends Prediction {
  /** Probability plus the largest score of the map, in [0, 2] (Eq. 18). */
  readonly imageScore: number;
  /** Probability of being anomalous as a whole (Eq. 16). */
  readonly probability: number;
  /** Probabilities on a square of `evalSize` a side, or on the pixels of the scan. */
  readonly anomalyMap: AnomalyMap;
}

/** A fitted CLIP3D-AD. */
export interface Clip3dDetector extends Detector<Clip3dScan | Clip3dSample> {
  readonly config: Clip3dConfig;
  /** What names the weights of the CLIP it was fitted with, where that was said. */
  readonly weights?: string;
  /** With `cameraFit: 'accumulate'`: the box of all that was drawn so far, in training and since. */
  readonly drawn?: Box;
  /**
   * Scores a scan, which is cleaned and rendered first, or what {@link Clip3dDetector.prepare} made of it.
   *
   * @throws {@link ShapeError} when image and cloud differ in size, {@link ArgumentError} when a prepared sample has other
   *   views than the detector was fitted with.
   */
  predict(sample: Clip3dScan | Clip3dSample, options?: PredictOptions): Promise<Clip3dPrediction>;
  /** Cleans a scan and renders its views. With `cameraFit: 'accumulate'` the order of the calls matters. */
  prepare(scan: Clip3dScan): Clip3dSample;
  /** The mask of a scan on the pixels of `anomalyMap`. */
  toMapGrid(mask: Mask): Mask;
  /** Everything learned, by name. */
  readValues(): Promise<HeadValues>;
}

/**
 * A detector from what was learned: the weights of `initialImageHead`, and both adapted texts as `text.class` and
 * `text.segmentation`, [2, C].
 *
 * @param encoder - CLIP's vision tower, which stays the caller's.
 * @param options - `weights`: what names CLIP's weights; `drawn`: the box of what was drawn in training.
 */
export function createClip3dDetector(
  encoder: Clip3dEncoder,
  values: HeadValues,
  config: Clip3dConfig,
  { weights: weightsKey, drawn }: Partial<Pick<Clip3dDetector, 'weights' | 'drawn'>> = {},
): Clip3dDetector {
  const sizes = sizesOf(config, encoder.config);
  let weights: HeadWeights | null = tensorsOf(values);
  const alive = (): HeadWeights => {
    if (weights) return weights;
    throw new ArgumentError('Clip3dDetector', 'a detector that has not been disposed', 'one that has');
  };
  const preparer = new ScanPreparer(config, sizes.imageSize, drawn);
  return {
    config,
    ...(weightsKey !== undefined && { weights: weightsKey }),
    get drawn() {
      return preparer.drawn;
    },
    prepare: (scan) => preparer.prepare(scan),
    toMapGrid: (mask) =>
      evaluationMask(mask, config.evalSize === 'model' ? sizes.imageSize : config.evalSize, config),
    async predict(sample, { signal } = {}) {
      await breathe(signal);
      const prepared = 'foreground' in sample ? sample : preparer.prepare(sample);
      await breathe(signal);
      const scored = await score(encoder, prepared, alive(), config, sizes);
      return { ...scored, anomalyMap: onEvaluationGrid(scored.anomalyMap, prepared, config) };
    },
    async readValues() {
      const read = Object.entries(alive()).map(async ([name, tensor]) => {
        const data = (await tensor.data<'float32'>()).slice();
        const shape: number[] = [...tensor.shape];
        return [name, { shape, data }] as const;
      });
      return Object.fromEntries(await Promise.all(read));
    },
    dispose() {
      if (weights) tf.dispose(Object.values(weights));
      weights = null;
    },
  };
}

/** Sections 9 and 11, with the map at the model's size. */
async function score(
  encoder: Clip3dEncoder,
  sample: Clip3dSample,
  weights: HeadWeights,
  config: Clip3dConfig,
  sizes: Clip3dSizes,
): Promise<Clip3dPrediction> {
  const features = await encodeSamples(encoder, [sample.image], viewImages(sample, sizes), sizes);
  const size = sizes.imageSize;
  const scores = tf.tidy(() => {
    const { image, local } = enhance(features, weights, config, sizes);
    const [classText, mapText] = [weights['text.class'], weights['text.segmentation']] as tf.Tensor2D[];
    const side = Math.round(Math.sqrt(local.shape[1]));
    return {
      probability: anomalousProbability(image, classText, config.tau),
      map: segment(local, mapText, size, config),
      patches: segment(local, mapText, side, config),
    };
  });
  try {
    const [probability] = await scores.probability.data();
    const map = ndarray((await scores.map.data<'float32'>()).slice(), [size, size]);
    const anomalyMap = gaussianFilter(map, config.smoothSigma);
    const searched = config.maxOn === 'patch' ? await scores.patches.data() : contiguous(anomalyMap);
    return { imageScore: probability + largest(searched), probability, anomalyMap };
  } finally {
    tf.dispose(scores);
    disposeFeatures(features);
  }
}

/** The views of a sample as images, in order; none where the network looks at none. */
export function viewImages({ views }: Clip3dSample, { views: count }: Pick<Clip3dSizes, 'views'>) {
  if (count === 0) return [];
  if (views?.viewCount !== count) {
    throw new ArgumentError('CLIP3D-AD', `a sample with ${count} views`, views?.viewCount ?? 'none');
  }
  return Array.from({ length: count }, (_, view) => renderingOf(views, view));
}

function onEvaluationGrid(
  map: AnomalyMap,
  { image, source }: Clip3dSample,
  { evalSize }: Pick<Clip3dConfig, 'evalSize'>,
): AnomalyMap {
  if (evalSize === 'model') return map;
  if (evalSize !== 'native') return interpolate(map, evalSize, evalSize);
  const whole = interpolate(map, image.shape[0], image.shape[1]);
  const cropped = createAnomalyMap(source.height, source.width);
  for (let row = 0; row < source.height; row++) {
    for (let column = 0; column < source.width; column++) {
      cropped.set(row, column, whole.get(row + source.top, column + source.left));
    }
  }
  return cropped;
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  return most;
}
