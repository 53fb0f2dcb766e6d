import { ArgumentError, type LongWorkOptions, ShapeError } from '@anomclip/core';
import { cachedEncoder, FeatureCache } from '@anomclip/core/encoder';
import { contiguous, type Image, interpolate, type Mask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import {
  adam,
  type CheckpointOptions,
  type GradientSource,
  type LossHistory,
  type TrainingProgress,
  type TrainingTask,
  train,
} from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { stateOf, valuesOf, weightsOf } from '../heads/weights.js';
import {
  encodePrompts,
  encodeViews,
  featureBlocks,
  initialPrompts,
  promptParameters,
  promptTokens,
} from '../pointad/index.js';
import type { ClipParts } from '../pointad/prompt-detector.js';
import { fittingDepth } from '../pointad/prompts.js';
import {
  type AnomalyClipConfig,
  type AnomalyClipPreset,
  anomalyClipConfig,
  asPointad,
  type PartialAnomalyClipConfig,
} from './config.js';
import { type AnomalyClipDetector, type AnomalyClipSample, createAnomalyClip } from './detector.js';
import { type AnomalyClipBatch, anomalyClipLoss } from './loss.js';

export interface FitAnomalyClipOptions extends Omit<LongWorkOptions, 'onProgress'> {
  /** @defaultValue 'recommended' */
  readonly preset?: AnomalyClipPreset;
  /** Of the samples, for `prompt.mode: 'classAware'`. @defaultValue 'object' */
  readonly className?: string;
  /** When and where to write checkpoints. @defaultValue never */
  readonly checkpoints?: CheckpointOptions;
  /** A checkpoint of the same training: it goes on from there, exactly. */
  readonly resume?: Uint8Array;
  /** What computes losses and gradients, e.g. `compiledGradients`. @defaultValue TensorFlow.js */
  readonly gradients?: GradientSource;
  /** Where frozen features are kept between epochs; `'none'` when `clip.vision` caches. @defaultValue up to 1 GiB in memory */
  readonly cache?: FeatureCache | 'none';
  /** Called after every step. */
  readonly onProgress?: (event: TrainingProgress) => void;
}

export interface FittedAnomalyClip extends AnomalyClipDetector {
  /** Both losses in every step. */
  readonly history: LossHistory;
}

/**
 * Fits AnomalyCLIP's prompts (Zhou et al. 2024) on labelled images, or depth images, of an auxiliary class. CLIP stays
 * frozen; each image is encoded once.
 *
 * @param clip - Stays the caller's.
 * @param samples - Normal and anomalous ones, with masks.
 * @throws {@link ArgumentError} and {@link ShapeError} when samples, configuration and model do not go together,
 *   {@link TrainingError} when a loss is not finite.
 */
export async function fitAnomalyClip(
  clip: ClipParts,
  samples: readonly AnomalyClipSample[],
  given: PartialAnomalyClipConfig = {},
  options: FitAnomalyClipOptions = {},
): Promise<FittedAnomalyClip> {
  const { className = 'object', cache = new FeatureCache({ maxBytes: 2 ** 30 }) } = options;
  const config = fittingDepth(anomalyClipConfig(given, options.preset), clip);
  const checked = trainingSamples(samples, config);
  const vision =
    cache === 'none' ? clip.vision : cachedEncoder(clip.vision, cache, { weights: 'fitAnomalyClip' });
  const encoder = { vision, config: clip.config };
  const blocks = featureBlocks(asPointad(config), clip.config);
  const rng = createRng(config.seed);
  const state = stateOf(initialPrompts(clip.text.config.width, config, rng.fork('prompts')));
  const { lr, beta1, beta2, epsilon } = config.optimizer;
  const optimiser = adam([
    { parameters: state.parameters, learningRate: lr, betas: [beta1, beta2], epsilon },
  ]);
  const tokens = promptTokens(clip.tokenizer, config, className);
  const task: TrainingTask<AnomalyClipBatch> = {
    state,
    sampleCount: checked.length,
    batch: async (indices) => {
      const chosen = [...indices].map((index) => checked[index]);
      const features = await encodeViews(
        encoder,
        chosen.map(({ image }) => image),
        blocks,
      );
      return { ...features, ...targetsOf(chosen, clip.vision.config.imageSize) };
    },
    loss: (batch) => {
      const text = encodePrompts(clip.text, tokens, promptParameters(weightsOf(state)), config);
      const losses = anomalyClipLoss(batch, text, config);
      return { total: tf.add(losses.image, losses.maps) as tf.Scalar, ...losses };
    },
  };
  try {
    const { epochs, batchSize } = config;
    const { signal, onProgress, checkpoints, resume, gradients } = options;
    const history = await train(task, rng.fork('train'), {
      optimiser,
      epochs,
      batchSize,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
      ...(checkpoints && { checkpoints }),
      ...(resume && { resume }),
      ...(gradients && { gradients }),
    });
    const detector = await createAnomalyClip(clip, await valuesOf(state), config, className);
    return Object.assign(detector, { history });
  } finally {
    optimiser.dispose();
    state.dispose();
  }
}

interface TrainingSample {
  readonly image: Image;
  readonly mask?: Mask;
  readonly label: 0 | 1;
}

/** What is trained on, checked once before the first step. */
function trainingSamples(
  samples: readonly AnomalyClipSample[],
  { trainOn }: AnomalyClipConfig,
): TrainingSample[] {
  if (samples.length === 0) throw new ArgumentError(WHERE, 'at least one sample', 0);
  return samples.map(({ [trainOn]: image, mask, label: given }, i) => {
    if (!image) {
      throw new ArgumentError(WHERE, `samples with ${trainOn}`, `sample ${i} without`, 'or set trainOn');
    }
    const [height, width] = image.shape;
    if (mask && mask.shape.join() !== `${height},${width}`) {
      throw new ShapeError(`${WHERE}: mask of sample ${i}`, `[${height}, ${width}]`, mask.shape);
    }
    const label = given ?? (mask && contiguous(mask).some((pixel) => pixel > 0) ? 1 : 0);
    if (!mask && given !== 0) {
      throw new ArgumentError(WHERE, 'a mask, or label 0', `sample ${i} with neither`);
    }
    return { image, label, ...(mask && { mask }) };
  });
}

/** Labels, and masks on the pixels of the model, [B, size, size]. */
function targetsOf(
  samples: readonly TrainingSample[],
  size: number,
): Pick<AnomalyClipBatch, 'labels' | 'masks'> {
  const masks = new Float32Array(samples.length * size * size);
  for (const [i, { mask }] of samples.entries()) {
    if (mask) masks.set(resizedMask(mask, size), i * size * size);
  }
  return {
    labels: tf.tensor1d(
      samples.map(({ label }) => label),
      'int32',
    ),
    masks: tf.tensor3d(masks, [samples.length, size, size]),
  };
}

/** [size²]: bilinear with antialiasing, then above a half (section 7.3). */
function resizedMask(mask: Mask, size: number): Float32Array {
  const [height, width] = mask.shape;
  const flags = ndarray(
    Float32Array.from(contiguous(mask), (pixel) => Number(pixel > 0)),
    [height, width],
  );
  return interpolate(flags, size, size, { antialias: true }).data.map((value) => Number(value > 0.5));
}

const WHERE = 'fitAnomalyClip';
