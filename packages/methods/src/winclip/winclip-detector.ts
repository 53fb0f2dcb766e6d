import { ArgumentError, breathe, ShapeError } from '@anomclip/core';
import { type Clip, encodePromptEnsemble } from '@anomclip/core/clip';
import { type Image, interpolate } from '@anomclip/core/image';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import { type WinclipConfig, winclipConfig } from './config.js';
import { encodeRows } from './features.js';
import { type WinclipMemory, type WinclipScores, winclipScores } from './scores.js';

/** An image for {@link WinclipDetector}. */
export interface WinclipSample {
  /** [H, W, 3] of any size. It is squeezed into the model's square, so that the map covers all of it. */
  readonly image: Image;
}

/** WinCLIP on images, with references or without. */
export interface WinclipDetector extends Detector<WinclipSample> {
  readonly config: WinclipConfig;
  /** Normal images that it compares with; 0 zero-shot. */
  readonly referenceCount: number;
  /** `anomalyMap` is [H, W] of the image. Zero-shot the image score is its own probability, and no part of the map. */
  predict(sample: WinclipSample, options?: PredictOptions): Promise<Prediction>;
  /** The scores of one image on its grid of patches, of which `predict` makes a map. */
  scorePatches(image: Image, options?: PredictOptions): Promise<WinclipScores>;
}

/**
 * WinCLIP (Jeong et al. 2023) zero-shot: an image, and every window of it, is as anomalous as the anomalous texts are near
 * against the normal ones; a patch is the harmonic mean of the windows around it and the image.
 *
 * @param clip - Its vision tower is borrowed, and must live as long as the detector.
 * @param object - Its name, e.g. `'metal_nut'`; or embeddings [2, D] of the classes, normal first, from
 *   `encodePromptEnsemble`: then `clip` needs no text tower, and `config.prompts` is not looked at.
 * @throws {@link ShapeError} for other embeddings, {@link ArgumentError} for a bad configuration, and
 *   {@link TextTooLongError} when a prompt does not fit.
 */
export function createWinclip(
  clip: Clip,
  object: string | tf.Tensor2D,
  config: Partial<WinclipConfig> = {},
): WinclipDetector {
  const complete = winclipConfig(config);
  return new WindowDetector(clip, classEmbeddings(clip, object, complete), complete);
}

/**
 * WinCLIP few-shot ("WinCLIP+"): the same, and how far windows and patches are from all those of some normal images.
 *
 * @param references - Normal images of the object, at least one: the few shots, chosen by the caller.
 */
export async function fitWinclip(
  clip: Clip,
  object: string | tf.Tensor2D,
  references: Iterable<Image> | AsyncIterable<Image>,
  config: Partial<WinclipConfig> = {},
  { signal }: PredictOptions = {},
): Promise<WinclipDetector> {
  const complete = winclipConfig(config);
  if (complete.scales.length === 0 && !complete.usePatchScale) {
    throw new ArgumentError('fitWinclip', 'scales, or usePatchScale: true', 'nothing to compare');
  }
  const rows: { windows: readonly tf.Tensor2D[]; patches?: tf.Tensor2D }[] = [];
  try {
    for await (const image of references) {
      await breathe(signal);
      const { image: whole, ...kept } = await encodeRows(clip, image, complete, complete.usePatchScale);
      whole.dispose();
      rows.push(kept);
    }
    if (rows.length === 0) throw new ArgumentError('fitWinclip', 'at least one reference image', 0);
    const classes = classEmbeddings(clip, object, complete);
    return new WindowDetector(clip, classes, complete, joined(rows), rows.length);
  } finally {
    for (const { windows, patches } of rows) tf.dispose([...windows, ...(patches ? [patches] : [])]);
  }
}

class WindowDetector implements WinclipDetector {
  private isDisposed = false;

  constructor(
    private readonly clip: Clip,
    /** [2, D], unit rows, normal first. */
    private readonly classes: tf.Tensor2D,
    readonly config: WinclipConfig,
    private readonly memory?: WinclipMemory,
    readonly referenceCount = 0,
  ) {}

  async predict({ image }: WinclipSample, options: PredictOptions = {}): Promise<Prediction> {
    const { imageScore, patchScores } = await this.scorePatches(image, options);
    const side = Math.sqrt(patchScores.length);
    const [height, width] = image.shape;
    return { imageScore, anomalyMap: interpolate(ndarray(patchScores, [side, side]), height, width) };
  }

  async scorePatches(image: Image, { signal }: PredictOptions = {}): Promise<WinclipScores> {
    if (this.isDisposed)
      throw new ArgumentError('WinclipDetector', 'a detector that has not been disposed', 'one that has');
    await breathe(signal);
    const { config, memory, classes } = this;
    const rows = await encodeRows(this.clip, image, config, memory?.patches !== undefined);
    try {
      const { imageSize, patchSize } = this.clip.vision.config;
      return await winclipScores(rows, classes, imageSize / patchSize, config, memory);
    } finally {
      tf.dispose([rows.image, ...rows.windows, ...(rows.patches ? [rows.patches] : [])]);
    }
  }

  dispose(): void {
    this.isDisposed = true;
    const { classes, memory } = this;
    tf.dispose([classes, ...(memory?.windows ?? []), ...(memory?.patches ? [memory.patches] : [])]);
  }
}

/** [2, D] of unit length. */
function classEmbeddings(
  clip: Clip,
  object: string | tf.Tensor2D,
  { prompts, unitLength, truncate, classNameFormat }: WinclipConfig,
): tf.Tensor2D {
  if (typeof object !== 'string') {
    const { embeddingWidth } = clip.vision;
    if (object.shape.join() !== `2,${embeddingWidth}`) {
      throw new ShapeError('WinCLIP', `embeddings [2, ${embeddingWidth}]`, object.shape);
    }
    return normalise(object);
  }
  const name = classNameFormat === 'spaces' ? object.replaceAll('_', ' ') : object;
  return tf.tidy(() => normalise(encodePromptEnsemble(clip, prompts, name, { unitLength, truncate })));
}

/** Rows of all references below one another. */
function joined(rows: readonly { windows: readonly tf.Tensor2D[]; patches?: tf.Tensor2D }[]): WinclipMemory {
  const windows = rows[0].windows.map((_, scale) => tf.concat(rows.map((row) => row.windows[scale])));
  const patches = rows.flatMap((row) => row.patches ?? []);
  return { windows, ...(patches.length > 0 && { patches: tf.concat(patches) }) };
}
