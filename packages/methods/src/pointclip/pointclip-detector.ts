import { ArgumentError, breathe } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { gaussianFilter } from '@anomclip/core/image';
import type { PreparedCloud } from '@anomclip/pointcloud/prepare';
import { backProjection, multiplyRows } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import { plainTexts } from '../plain-texts.js';
import { encodeViews, patchProbabilities, spelledOut, type TextPair, viewLogits } from '../pointad/index.js';
import { type PointclipConfig, pointclipConfig } from './config.js';
import { projectCloud } from './project-cloud.js';

/** PointCLIP V2 on clouds: ten depth views and two texts; nothing is fitted. */
export interface PointclipDetector extends Detector<PreparedCloud> {
  readonly config: PointclipConfig;
  /** [2, D] of unit length, row 0 normal. */
  readonly text: TextPair;
  /** `pointScores` [N]; `anomalyMap` on the grid where there is one. */
  predict(
    cloud: PreparedCloud,
    options?: PredictOptions,
  ): Promise<Prediction & { readonly pointScores: Float32Array }>;
}

/**
 * PointCLIP V2's projection with CLIP as it is, a zero-shot baseline of PointAD (section 9 of its specification). The
 * image score is the softmax of the cosines averaged over the views; points read the maps of the views that show them.
 *
 * @param clip - Its vision tower is borrowed, and must live as long as the detector.
 * @param object - Its name, as the dataset spells it; or texts, e.g. those that PointAD or AnomalyCLIP has learned: then
 *   `clip` needs no text tower, and `config.prompts` is not looked at.
 * @throws {@link ArgumentError} for a bad configuration or texts of another width, {@link TextTooLongError} when a prompt
 *   does not fit.
 */
export async function createPointclip(
  clip: Clip,
  object: string | TextPair,
  config: Partial<PointclipConfig> = {},
): Promise<PointclipDetector> {
  const complete = pointclipConfig(config);
  const { prompts, truncate } = complete;
  const texts =
    typeof object === 'string' ? await plainTexts(clip, prompts, spelledOut(object), truncate) : object;
  if (texts.width !== clip.config.embeddingWidth) {
    throw new ArgumentError('createPointclip', `texts [2, ${clip.config.embeddingWidth}]`, texts.width);
  }
  return new DepthViewDetector(clip, texts, complete);
}

class DepthViewDetector implements PointclipDetector {
  private classes: tf.Tensor2D | null;

  constructor(
    private readonly clip: Clip,
    readonly text: TextPair,
    readonly config: PointclipConfig,
  ) {
    this.classes = tf.tensor2d(text.data.slice(), [2, text.width]);
  }

  async predict(cloud: PreparedCloud, { signal }: PredictOptions = {}) {
    await breathe(signal);
    const { imageSize } = this.clip.vision.config;
    const { images, correspondences } = projectCloud(cloud, imageSize);
    await breathe(signal);
    const { probability, patches } = await this.score(images);
    const mapSize = Math.sqrt(patches.length / images.length);
    const { viewNormalization, sigma } = this.config;
    const read = multiplyRows(backProjection(correspondences, { viewNormalization, mapSize }), patches);
    if (!cloud.grid) return { imageScore: probability, pointScores: read };
    const anomalyMap = gaussianFilter(ndarray(read, [...cloud.grid]), sigma);
    return { imageScore: probability, pointScores: anomalyMap.data, anomalyMap };
  }

  dispose(): void {
    this.classes?.dispose();
    this.classes = null;
  }

  /** Probability of all views together, and of their patches [V, P]. */
  private async score(images: Parameters<typeof encodeViews>[1]) {
    const { classes, config, clip } = this;
    if (!classes)
      throw new ArgumentError('PointCLIP', 'a detector that has not been disposed', 'one that has');
    const { image, patches } = await encodeViews(clip, images, { layers: [clip.vision.config.layers] });
    const [ofViews, ofPatches] = tf.tidy((): tf.Tensor[] => [
      tf.softmax(tf.mean(viewLogits(image, classes, config.temperature), 0)),
      patchProbabilities(patches[0], classes, config.temperature),
    ]);
    try {
      const [, probability] = await ofViews.data<'float32'>();
      return { probability, patches: await ofPatches.data<'float32'>() };
    } finally {
      tf.dispose([image, patches[0], ofViews, ofPatches]);
    }
  }
}
