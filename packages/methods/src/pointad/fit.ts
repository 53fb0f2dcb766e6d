import type { LongWorkOptions, ProgressEvent } from '@anomclip/core';
import { FeatureCache } from '@anomclip/core/encoder';
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
import { stateOf, valuesOf, weightsOf } from '../heads/weights.js';
import { pointadBatch, trainingSamples } from './batch.js';
import { featureBlocks, type PartialPointadConfig, type PointadPreset, pointadConfig } from './config.js';
import type { PointadSample } from './detector.js';
import { hybridLoss, type PointadBatch } from './hybrid-loss.js';
import { type ClipParts, createPromptDetector, type PromptDetector } from './prompt-detector.js';
import { promptTokens } from './prompt-tokens.js';
import { encodePrompts, fittingDepth, initialPrompts, promptParameters } from './prompts.js';
import { type FeatureStore, sampleFeatures } from './sample-features.js';

export interface FitPointadOptions extends Omit<LongWorkOptions, 'onProgress'> {
  /** @defaultValue 'recommended' */
  readonly preset?: PointadPreset;
  /** Of the samples, for `prompt.mode: 'classAware'`. @defaultValue 'object' */
  readonly className?: string;
  /** When and where to write checkpoints. @defaultValue never */
  readonly checkpoints?: CheckpointOptions;
  /** A checkpoint of the same training: it goes on from there, exactly. */
  readonly resume?: Uint8Array;
  /** What computes losses and gradients, e.g. `compiledGradients`. @defaultValue TensorFlow.js */
  readonly gradients?: GradientSource;
  /**
   * Where frozen features are kept between epochs: 16 MB a sample for ViT-L/14@336 and nine views. Give a cache with a store
   * for more samples than fit in memory, or to use them again. @defaultValue all in memory, for this call
   */
  readonly features?: FeatureStore;
  /** Called after every sample (`stage` is 'encode'), then after every step ('train'). */
  readonly onProgress?: (event: ProgressEvent | TrainingProgress) => void;
}

export interface FittedPointad extends PromptDetector {
  /** Every loss in every step. */
  readonly history: LossHistory;
}

/**
 * Fits PointAD's prompts on rendered, labelled clouds of an auxiliary class (sections 5 and 6 of its specification).
 * CLIP stays frozen; each view is encoded once, by no vision tower when the features are all stored.
 *
 * @param clip - Stays the caller's.
 * @param samples - Normal and anomalous ones, with labels, all prepared alike.
 * @throws {@link ArgumentError} and {@link ShapeError} when samples, configuration and model do not go together,
 *   {@link TrainingError} when a loss is not finite.
 */
export async function fitPointad(
  clip: ClipParts,
  samples: readonly PointadSample[],
  given: PartialPointadConfig = {},
  options: FitPointadOptions = {},
): Promise<FittedPointad> {
  const { className = 'object', signal, onProgress, checkpoints, resume, gradients } = options;
  const { features = { cache: new FeatureCache({ maxBytes: Infinity }), weights: 'this call' } } = options;
  const config = fittingDepth(pointadConfig(given, options.preset), clip);
  const blocks = featureBlocks(config, clip.config);
  const tokens = promptTokens(clip.tokenizer, config, className);
  const { imageSize, patchSize } = clip.config.vision;
  const checked = trainingSamples(samples, imageSize / patchSize, config);
  const featuresOf = ({ views }: Pick<PointadSample, 'views'>) =>
    sampleFeatures(clip, views, blocks, features, signal);
  for (const [i, sample] of checked.entries()) {
    await featuresOf(sample);
    onProgress?.({ stage: 'encode', done: i + 1, total: checked.length });
  }

  const rng = createRng(config.seed);
  const state = stateOf(initialPrompts(clip.text.config.width, config, rng.fork('prompts')));
  const { lr, beta1, beta2, epsilon } = config.optimizer;
  const optimiser = adam([
    { parameters: state.parameters, learningRate: lr, betas: [beta1, beta2], epsilon },
  ]);
  const task: TrainingTask<PointadBatch> = {
    state,
    sampleCount: checked.length,
    batch: async (indices) => {
      const chosen = [...indices].map((index) => checked[index]);
      return pointadBatch(
        await Promise.all(chosen.map(async (one) => [one, await featuresOf(one)] as const)),
      );
    },
    loss: (batch) => {
      const text = encodePrompts(clip.text, tokens, promptParameters(weightsOf(state)), config);
      const terms = hybridLoss(batch, text, config);
      return { total: tf.addN(Object.values(terms)) as tf.Scalar, ...terms };
    },
  };
  try {
    const { epochs, batchSize } = config;
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
    const detector = await createPromptDetector(clip, await valuesOf(state), config, className);
    return Object.assign(detector, { history });
  } finally {
    optimiser.dispose();
    state.dispose();
  }
}
