import { ArgumentError, breathe } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import { resizeImage } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import { recolourSample, renderingOf } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import type { Clip3dConfig, Clip3dSizes } from './config.js';
import { viewImages } from './detector.js';
import {
  type Clip3dEncoder,
  type Clip3dFeatures,
  concatFeatures,
  disposeFeatures,
  encodeSamples,
} from './features.js';
import type { Clip3dBatch } from './loss.js';
import { type Clip3dSample, cellColours } from './prepare.js';
import { anomalousPixels, type SimulatedAnomaly, simulateAnomaly } from './simulation.js';

/** A normal scan with what never changes in training. */
export interface TrainingSample {
  readonly sample: Clip3dSample;
  /** Of x+ and its views, [1, …] each. */
  readonly features: Clip3dFeatures;
}

/**
 * Encodes x+ and its views, once.
 *
 * @throws {@link ArgumentError} when there is too little of an object for an anomaly.
 */
export async function trainingSample(
  encoder: Clip3dEncoder,
  sample: Clip3dSample,
  config: Clip3dConfig,
  sizes: Clip3dSizes,
): Promise<TrainingSample> {
  const { imageSize } = sizes;
  const object = resizeImage(sample.foreground, imageSize, imageSize, { filter: 'nearest' });
  if (anomalousPixels(object) < config.minAnomalyPixels) {
    throw new ArgumentError(
      'fitClip3d',
      `scans whose object has ${config.minAnomalyPixels} pixels at the model's size, minAnomalyPixels`,
      anomalousPixels(object),
      "the cleaning may have removed the object: look at `warnings` of the prepared sample, or try preprocess: 'none'",
    );
  }
  const views = viewImages(sample, sizes);
  return { sample, features: await encodeSamples(encoder, [sample.image], views, sizes) };
}

/**
 * Pairs of normal samples and of anomalies made from them, x− and its views encoded together.
 *
 * @param rngs - One stream per sample.
 * @param text - [2, C], borrowed.
 * @returns Tensors that the caller owns.
 */
export async function pairBatch(
  encoder: Clip3dEncoder,
  samples: readonly TrainingSample[],
  rngs: readonly Rng[],
  text: tf.Tensor2D,
  config: Clip3dConfig,
  sizes: Clip3dSizes,
  { textures, signal }: { textures?: readonly Image[] | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Clip3dBatch> {
  const { imageSize } = sizes;
  const anomalies: SimulatedAnomaly[] = [];
  for (const [i, { sample }] of samples.entries()) {
    await breathe(signal);
    const options = { ...config, imageSize, ...(textures && { textures }) };
    anomalies.push(simulateAnomaly(sample.image, sample.foreground, rngs[i], options));
  }
  const views = anomalies.flatMap(({ image }, i) => recolouredViews(samples[i].sample, image, config));
  const images = anomalies.map(({ image }) => image);
  const anomalous = await encodeSamples(encoder, images, views, sizes);
  try {
    const masks = new Float32Array(anomalies.length * imageSize * imageSize);
    for (const [i, { target }] of anomalies.entries()) masks.set(target.data, i * imageSize * imageSize);
    return {
      features: concatFeatures([...samples.map(({ features }) => features), anomalous]),
      masks: tf.tensor3d(masks, [anomalies.length, imageSize, imageSize]),
      text: tf.clone(text),
    };
  } finally {
    disposeFeatures(anomalous);
  }
}

/** The views of a sample, coloured by another image of it. */
function recolouredViews(sample: Clip3dSample, image: Image, config: Clip3dConfig): Image[] {
  const { views } = sample;
  if (!views || !config.useMultiView) return [];
  const recoloured = { ...views, renderings: recolourSample(views, cellColours(sample, image, config)) };
  return Array.from({ length: views.viewCount }, (_, view) => renderingOf(recoloured, view));
}
