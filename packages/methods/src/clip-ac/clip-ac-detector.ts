import { ShapeError } from '@anomclip/core';
import { type Clip, encodePromptEnsemble, preprocessImages } from '@anomclip/core/clip';
import { type AnomalyMap, type Image, interpolate } from '@anomclip/core/image';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import { type ClipAcConfig, clipAcConfig } from './config.js';

/** An image for {@link ClipAcDetector}. */
export interface ClipAcSample {
  /** [H, W, 3] of any size. It is squeezed into the model's square, so that the map covers all of it. */
  readonly image: Image;
}

/** Zero-shot detection by two prompts: nothing is fitted. */
export interface ClipAcDetector extends Detector<ClipAcSample> {
  readonly config: ClipAcConfig;
  /** `anomalyMap` is [H, W] of the image. */
  predict(sample: ClipAcSample, options?: PredictOptions): Promise<Prediction>;
}

/**
 * CLIP-AC, the zero-shot baseline of WinCLIP (Jeong et al. 2023, section 3): an image, or a patch of it, is as anomalous as
 * the anomalous prompt is near against the normal one. Patches are taken through the last layer norm and the output
 * projection, on the plain path or on the value-value path.
 *
 * @param clip - Its vision tower is borrowed, and must live as long as the detector.
 * @param object - Its name, e.g. `'metal nut'`; or embeddings [2, D] of the classes, normal first, from
 *   `encodePromptEnsemble`: then `clip` needs no text tower, and `config.prompts` is not looked at.
 * @throws {@link ShapeError} for other embeddings, {@link ArgumentError} for a bad configuration.
 */
export function createClipAc(
  clip: Clip,
  object: string | tf.Tensor2D,
  config: Partial<ClipAcConfig> = {},
): ClipAcDetector {
  const complete = clipAcConfig(config);
  const { prompts, unitLength, truncate } = complete;
  const { vision } = clip;
  if (typeof object !== 'string' && object.shape.join() !== `2,${vision.embeddingWidth}`) {
    throw new ShapeError('createClipAc', `embeddings [2, ${vision.embeddingWidth}]`, object.shape);
  }
  const classes = tf.tidy(() =>
    normalise(
      typeof object === 'string'
        ? encodePromptEnsemble(clip, prompts, object, { unitLength, truncate })
        : object,
    ),
  );
  return new TwoPromptDetector(clip, classes, complete);
}

class TwoPromptDetector implements ClipAcDetector {
  constructor(
    private readonly clip: Clip,
    /** [2, D], unit rows, normal first. */
    private readonly classes: tf.Tensor2D,
    readonly config: ClipAcConfig,
  ) {}

  async predict({ image }: ClipAcSample, { signal }: PredictOptions = {}): Promise<Prediction> {
    signal?.throwIfAborted();
    const { vision } = this.clip;
    const { layer: givenLayer, valueAttentionFrom } = this.config;
    const layer = givenLayer === 0 ? vision.config.layers : givenLayer;
    const preprocess = { ...this.clip.config.preprocess, resize: 'squash' } as const;
    const pixels = preprocessImages(image, { vision: vision.config, preprocess });
    try {
      const features = await vision.encode(pixels, {
        layers: [layer],
        valueAttentionFrom: valueAttentionFrom === 0 ? undefined : valueAttentionFrom,
        projectPatches: true,
      });
      const patches = features.patches.get(layer) as tf.Tensor3D;
      try {
        const imageScores = await this.score(features.image);
        signal?.throwIfAborted();
        return { imageScore: imageScores[0], anomalyMap: this.map(await this.score(patches), image) };
      } finally {
        tf.dispose([features.image, patches]);
      }
    } finally {
      pixels.dispose();
    }
  }

  dispose(): void {
    this.classes.dispose();
  }

  /** One score per row of [..., D]. */
  private async score(embeddings: tf.Tensor): Promise<Float32Array> {
    const scores = tf.tidy(() => {
      const rows = tf.reshape(normalise(embeddings), [-1, this.clip.vision.embeddingWidth]) as tf.Tensor2D;
      const direction = tf.sub(
        tf.slice(this.classes, [1, 0], [1, -1]),
        tf.slice(this.classes, [0, 0], [1, -1]),
      );
      const difference = tf.reshape(tf.matMul(rows, tf.transpose(direction)), [-1]);
      // The softmax of two logits is the logistic function of their difference.
      return this.config.score === 'difference'
        ? difference
        : tf.sigmoid(tf.div(difference, this.config.temperature));
    });
    try {
      return await scores.data<'float32'>();
    } finally {
      scores.dispose();
    }
  }

  /** Scores of the patch grid as a map of the image. */
  private map(patchScores: Float32Array, { shape: [height, width] }: Image): AnomalyMap {
    const side = Math.sqrt(patchScores.length);
    return interpolate(ndarray(patchScores, [side, side]), height, width);
  }
}
