import { ArgumentError, breathe, ShapeError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { type AnomalyMap, type Image, interpolate, type Mask } from '@anomclip/core/image';
import * as tf from '@tensorflow/tfjs';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import type { HeadValues } from '../heads/weights.js';
import {
  createPromptDetector,
  encodeViews,
  featureBlocks,
  patchProbabilities,
  type TextPair,
  viewLogits,
} from '../pointad/index.js';
import { fuse, type ImagePrediction, scoreImage } from '../pointad/prediction.js';
import type { ClipParts } from '../pointad/prompt-detector.js';
import { type AnomalyClipConfig, asPointad } from './config.js';

/** An image, the depth of a scan as an image, or both on the same pixels. */
export interface AnomalyClipSample {
  /** [H, W, 3] of any size. It is squeezed into the model's square, so that the map covers all of it. */
  readonly image?: Image;
  /** [H, W, 3], from `depthImage`. */
  readonly depth?: Image;
  /** [H, W] 1 where anomalous; needed for training only. @defaultValue normal everywhere, for samples of label 0 */
  readonly mask?: Mask;
  /** 1 anomalous; needed for training only. @defaultValue 1 where the mask has an anomalous pixel */
  readonly label?: 0 | 1;
}

/** What one image says alone: its probability, and its map [H, W]. */
export interface AnomalyClipPart {
  readonly imageScore: number;
  readonly anomalyMap: AnomalyMap;
}

export interface AnomalyClipPrediction extends Prediction {
  /** [H, W] of the sample's images. */
  readonly anomalyMap: AnomalyMap;
  /** Of the colour image alone, where there is one. */
  readonly image?: AnomalyClipPart;
  /** Of the depth alone, where there is one. */
  readonly depth?: AnomalyClipPart;
}

/** AnomalyCLIP after training. */
export interface AnomalyClipDetector extends Detector<AnomalyClipSample> {
  readonly config: AnomalyClipConfig;
  /** [2, D] of unit length, row 0 normal. */
  readonly text: TextPair;
  /** Learned vectors by name, as PointAD's: `context.*`, `deep.*`. */
  readonly prompts: HeadValues;
  /**
   * One image: its score is the probability of being anomalous, and no part of the map. Image and depth: map and score of
   * PointAD's fusion (section 4.5 of its specification), the depth in place of the cloud.
   *
   * @throws {@link ArgumentError} for a sample without images, {@link ShapeError} when its two have different sizes.
   */
  predict(sample: AnomalyClipSample, options?: PredictOptions): Promise<AnomalyClipPrediction>;
}

/** A detector from learned prompts; texts are encoded once, and the text tower is not needed afterwards. */
export async function createAnomalyClip(
  clip: ClipParts,
  prompts: HeadValues,
  config: AnomalyClipConfig,
  className?: string,
): Promise<AnomalyClipDetector> {
  const texts = await createPromptDetector(clip, prompts, asPointad(config), className);
  texts.dispose();
  return anomalyClipDetector(clip, texts.text, prompts, config);
}

/** A detector from texts that are encoded already. */
export function anomalyClipDetector(
  clip: Pick<Clip, 'vision' | 'config'>,
  { data, width }: TextPair,
  prompts: HeadValues,
  config: AnomalyClipConfig,
): AnomalyClipDetector {
  if (width !== clip.config.embeddingWidth) {
    throw new ArgumentError(
      'AnomalyCLIP',
      `a model with embeddings of ${width} numbers, as the detector was fitted with`,
      clip.config.embeddingWidth,
    );
  }
  const complete = asPointad(config);
  const blocks = featureBlocks(complete, clip.config);
  const { imageSize } = clip.vision.config;
  let text: tf.Tensor2D | null = tf.tensor2d(data.slice(), [2, width]);

  /** Of one image, its map still on the pixels of the model. */
  async function score(image: Image): Promise<ImagePrediction> {
    if (!text)
      throw new ArgumentError('AnomalyCLIP', 'a detector that has not been disposed', 'one that has');
    const { image: whole, patches } = await encodeViews(clip, [image], blocks);
    const { temperature } = config;
    const classes = text;
    const [ofImage, ofPatches] = tf.tidy((): tf.Tensor[] => [
      tf.softmax(viewLogits(whole, classes, temperature)),
      tf.addN(patches.map((layer) => patchProbabilities(layer, classes, temperature))),
    ]);
    try {
      const [, probability] = await ofImage.data<'float32'>();
      const read = { images: Float32Array.of(probability), patches: await ofPatches.data<'float32'>() };
      return scoreImage(read, imageSize, complete);
    } finally {
      tf.dispose([whole, ...patches, ofImage, ofPatches]);
    }
  }

  return {
    config,
    text: { data, width },
    prompts,
    async predict({ image, depth }, { signal } = {}) {
      const [height, breadth] = sizeOf(image, depth);
      const part = ({ probability, anomalyMap }: ImagePrediction): AnomalyClipPart => ({
        imageScore: probability,
        anomalyMap: interpolate(anomalyMap, height, breadth),
      });
      await breathe(signal);
      const ofImage = image && (await score(image));
      await breathe(signal);
      const ofDepth = depth && (await score(depth));
      const parts = { ...(ofImage && { image: part(ofImage) }), ...(ofDepth && { depth: part(ofDepth) }) };
      if (!ofImage || !ofDepth) return { ...(parts.image ?? parts.depth ?? sampleWithoutImages()), ...parts };
      const cloud = { ...ofDepth, imageScore: ofDepth.probability, pointScores: ofDepth.anomalyMap.data };
      const { imageScore, anomalyMap } = fuse(cloud, ofImage, [imageSize, imageSize], complete);
      if (!anomalyMap) return sampleWithoutImages();
      return { imageScore, anomalyMap: interpolate(anomalyMap, height, breadth), ...parts };
    },
    dispose() {
      text?.dispose();
      text = null;
    },
  };
}

function sizeOf(image: Image | undefined, depth: Image | undefined): readonly number[] {
  const { shape } = image ?? depth ?? sampleWithoutImages();
  if (image && depth && image.shape.join() !== depth.shape.join()) {
    throw new ShapeError(
      'AnomalyCLIP',
      `a depth image [${image.shape.join(', ')}], as the image`,
      depth.shape,
    );
  }
  return shape;
}

function sampleWithoutImages(): never {
  throw new ArgumentError('AnomalyCLIP', 'a sample with an image, a depth image or both', 'one without');
}
