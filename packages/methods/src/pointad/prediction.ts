import { ArgumentError } from '@anomclip/core';
import { type AnomalyMap, gaussianFilter, type Image, interpolate } from '@anomclip/core/image';
import { backProjection, type MultiViewSample, multiplyRows } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import type { Prediction } from '../detector.js';
import type { FeatureBlocks, PointadConfig } from './config.js';
import { encodeViews, type ViewEncoder, type ViewFeatures } from './features.js';
import { renderingsOf } from './sample-features.js';
import { patchProbabilities, viewLogits } from './scores.js';
import { type PointLayout, smoothPoints } from './smooth-points.js';

/** What the image of a sample says, alone. */
export interface ImagePrediction {
  /** Probability of being anomalous. */
  readonly probability: number;
  /** [R, R], smoothed. */
  readonly anomalyMap: AnomalyMap;
}

/** What the cloud of a sample says, alone. */
export interface CloudPrediction {
  /** Probability of being anomalous, averaged over the views. */
  readonly probability: number;
  /** Half the probability and half the largest point score (4.4). */
  readonly imageScore: number;
  /** [N], smoothed. */
  readonly pointScores: Float32Array;
}

/** The cloud's result, or both together where the sample has an image; and each alone. */
export interface PointadPrediction extends Prediction {
  /** [N] */
  readonly pointScores: Float32Array;
  readonly cloud: CloudPrediction;
  /** Only of samples with an image. */
  readonly image?: ImagePrediction;
}

export type ScoreConfig = Pick<
  PointadConfig,
  'temperature' | 'layerAggregation' | 'viewNormalization' | 'smoothing' | 'pointSmoothing' | 'fusion'
>;

/** Probabilities of V images from features of unit length, read from the backend. */
export interface ViewProbabilities {
  /** [V] */
  readonly images: Float32Array;
  /** [V, P], layers aggregated. */
  readonly patches: Float32Array;
}

/** @param text - [2, D], unit length; borrowed. */
async function viewProbabilities(
  { image, patches }: ViewFeatures,
  text: tf.Tensor2D,
  { temperature, layerAggregation }: Pick<ScoreConfig, 'temperature' | 'layerAggregation'>,
): Promise<ViewProbabilities> {
  const [ofImages, ofPatches] = tf.tidy(() => {
    const probabilities = tf.softmax(viewLogits(image, text, temperature));
    const layers = patches.map((layer) => patchProbabilities(layer, text, temperature));
    const sum = tf.addN(layers);
    const aggregated: tf.Tensor = layerAggregation === 'mean' ? tf.div(sum, layers.length) : sum;
    return [tf.slice(probabilities, [0, 1], [-1, 1]) as tf.Tensor, aggregated];
  });
  try {
    return { images: await ofImages.data<'float32'>(), patches: await ofPatches.data<'float32'>() };
  } finally {
    tf.dispose([ofImages, ofPatches]);
  }
}

/**
 * Scores of a cloud from its views (sections 4.3 and 4.4).
 *
 * @throws {@link ArgumentError} when the sample keeps no correspondences.
 */
export function scoreCloud(
  sample: MultiViewSample,
  positions: Float32Array | undefined,
  { images, patches }: ViewProbabilities,
  config: ScoreConfig,
): CloudPrediction {
  const { correspondences, grid } = sample;
  if (!correspondences) {
    throw new ArgumentError(
      'PointAD',
      'a sample with correspondences',
      'one without',
      'set keep.correspondences',
    );
  }
  const mapSize = Math.round(Math.sqrt(patches.length / sample.viewCount));
  const reading = backProjection(correspondences, { viewNormalization: config.viewNormalization, mapSize });
  const layout: PointLayout = { ...(grid && { grid }), ...(positions && { positions }) };
  const pointScores = smoothPoints(multiplyRows(reading, patches), layout, config);
  const probability = mean(images);
  return { probability, imageScore: (probability + largest(pointScores)) / 2, pointScores };
}

/** Scores of an image alone (section 4.5), its map [size, size]. */
export function scoreImage(
  { images, patches }: ViewProbabilities,
  size: number,
  config: ScoreConfig,
): ImagePrediction {
  const side = Math.round(Math.sqrt(patches.length));
  const map = interpolate(ndarray(patches, [side, side]), size, size);
  return { probability: images[0], anomalyMap: gaussianFilter(map, config.smoothing.sigma) };
}

/** Cloud and image together (section 4.5): the grid of the cloud lies on the pixels of the image. */
export function fuse(
  cloud: CloudPrediction,
  image: ImagePrediction,
  grid: readonly [number, number],
  { smoothing, fusion }: ScoreConfig,
): PointadPrediction {
  const [height, width] = grid;
  const onGrid = interpolate(image.anomalyMap, height, width).data;
  const average = Float32Array.from(cloud.pointScores, (score, i) => (score + onGrid[i]) / 2);
  const sigma = smoothing.fused ? smoothing.sigma : 0;
  const anomalyMap = gaussianFilter(ndarray(average, [height, width]), sigma);
  const ofCloud = fusion.scoreTerm === 'nested' ? cloud.imageScore : cloud.probability;
  const probability = (image.probability + ofCloud) / 2;
  return {
    imageScore: (probability + largest(anomalyMap.data)) / 2,
    anomalyMap,
    pointScores: anomalyMap.data,
    cloud,
    image,
  };
}

/** Encodes and scores a sample with the texts. */
export async function predictSample(
  encoder: ViewEncoder,
  text: tf.Tensor2D,
  { views, positions, image }: { views: MultiViewSample; positions?: Float32Array; image?: Image },
  blocks: FeatureBlocks,
  config: ScoreConfig,
  signal?: AbortSignal,
): Promise<PointadPrediction> {
  const probabilitiesOf = async (images: readonly Image[]) => {
    const features = await encodeViews(encoder, images, blocks, signal);
    try {
      return await viewProbabilities(features, text, config);
    } finally {
      tf.dispose([features.image, ...features.patches]);
    }
  };
  const cloud = scoreCloud(views, positions, await probabilitiesOf(renderingsOf(views)), config);
  const { pointScores, imageScore } = cloud;
  const { grid } = views;
  if (!image) {
    const anomalyMap = grid && ndarray(pointScores.slice(), [...grid]);
    return { imageScore, pointScores, cloud, ...(anomalyMap && { anomalyMap }) };
  }
  if (!grid)
    throw new ArgumentError('PointAD', 'an image only with points on a grid', 'a loose cloud with an image');
  const ofImage = scoreImage(await probabilitiesOf([image]), views.options.render.size, config);
  return fuse(cloud, ofImage, grid, config);
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 0 for no values. */
function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
