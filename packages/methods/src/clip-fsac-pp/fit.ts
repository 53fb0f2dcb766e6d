import { ArgumentError, type LongWorkOptions, ShapeError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import type { Image } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import {
  adam,
  adamW,
  type CheckpointOptions,
  type GradientSource,
  type LossHistory,
  type ModelState,
  type Optimiser,
  sgd,
  type TrainingProgress,
  type TrainingTask,
  train,
} from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import { stateOf, weightsOf } from '../heads/weights.js';
import {
  type FsacConfig,
  type FsacPreset,
  fsacBatchSize,
  fsacConfig,
  type PartialFsacConfig,
} from './config.js';
import { type ClipIdentity, createFsacDetector, type FsacDetector } from './detector.js';
import { enhance, initialHead } from './head.js';
import { fsacLoss } from './loss.js';
import { encodeFsacPrompts } from './prompts.js';
import {
  type BestTestOptions,
  type EpochSelection,
  type FsacSelection,
  selectBestTest,
  selectLast,
} from './selection.js';
import { createTrainingEmbeddings } from './training-embeddings.js';

export interface FitFsacOptions extends Omit<LongWorkOptions, 'onProgress'> {
  /** @defaultValue 'paper' */
  readonly preset?: FsacPreset;
  /** Of the object, as the data set's folder spells it. It fills the prompts, and decides how anomalies are made. @defaultValue 'object' */
  readonly className?: string;
  /** Mean prompt embeddings [2, D], normal first, from {@link encodeFsacPrompts}: then `clip` needs no text tower. */
  readonly text?: tf.Tensor2D;
  /** What is written into saved detectors. @defaultValue 'unnamed' */
  readonly clipIdentity?: ClipIdentity;
  /** For `selection: 'best-test'` only. */
  readonly bestTest?: BestTestOptions;
  /** When and where to write checkpoints. @defaultValue never */
  readonly checkpoints?: CheckpointOptions;
  /** A checkpoint of the same training: it goes on from there, exactly. */
  readonly resume?: Uint8Array;
  /** What computes losses and gradients, e.g. `compiledGradients`. @defaultValue TensorFlow.js */
  readonly gradients?: GradientSource;
  /** Called after every step. */
  readonly onProgress?: (event: TrainingProgress) => void;
}

export interface FittedFsac extends FsacDetector {
  /** `total`, and its terms `contrastive` and `crossEntropy`, in every step. */
  readonly history: LossHistory;
  readonly selection: FsacSelection;
}

/**
 * Fits CLIP-FSAC++ on a few normal images of one class (sections 5 to 8 of its specification). CLIP stays frozen: a step
 * encodes the anomalous images that it makes, and trains the head.
 *
 * @param clip - Both towers, or the vision tower and `options.text`. Any image encoder: the fastest is best. Stays the caller's.
 * @param normalImages - The shots, [H, W, 3] as they come from a file, visited in this order: that of their names.
 * @throws {@link ArgumentError} and {@link ShapeError} when images, configuration and model do not go together,
 *   {@link TrainingError} when a loss is not finite.
 */
export async function fitFsac(
  clip: Clip,
  normalImages: readonly Image[],
  given: PartialFsacConfig = {},
  options: FitFsacOptions = {},
): Promise<FittedFsac> {
  const { className = 'object', clipIdentity = { model: 'unnamed' }, signal } = options;
  const config = fsacConfig(given, options.preset);
  checkInputs(normalImages, config, options);
  const rng = createRng(config.seed);
  const width = clip.config.embeddingWidth;
  const text = textOf(clip, className, config, options.text);
  const state = stateOf(initialHead(width, rng.fork('head')));
  const optimiser = optimiserOf(state, config);
  let selection: EpochSelection | undefined;
  try {
    selection = options.bestTest
      ? await selectBestTest(state, clip, text, config, options.bestTest, signal)
      : selectLast(state);
    const embeddings = await createTrainingEmbeddings(clip, normalImages, className, config, rng, signal);
    const task: TrainingTask<tf.Tensor2D> = {
      state,
      sampleCount: normalImages.length,
      batch: (indices, { epoch }) => embeddings.batch(indices, epoch),
      loss: (image) => {
        const terms = fsacLoss(enhance(image, text, weightsOf(state), config), config);
        return { total: tf.addN(Object.values(terms)) as tf.Scalar, ...terms };
      },
    };
    const { onProgress, checkpoints, resume, gradients } = options;
    const history = await train(task, rng.fork('train'), {
      optimiser,
      epochs: config.epochs,
      batchSize:
        config.batchSize === 'auto' ? fsacBatchSize(config.dataset, normalImages.length) : config.batchSize,
      order: () => Uint32Array.from(normalImages.keys()),
      afterEpoch: selection.afterEpoch,
      ...(selection.companion && { companion: selection.companion }),
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
      ...(checkpoints && { checkpoints }),
      ...(resume && { resume }),
      ...(gradients && { gradients }),
    });
    const kept = await selection.result();
    const model = {
      config,
      className,
      head: kept.head,
      text: (await text.data<'float32'>()).slice(),
      clip: clipIdentity,
    };
    return Object.assign(createFsacDetector(clip, model), { history, selection: kept.selection });
  } finally {
    selection?.dispose();
    optimiser.dispose();
    state.dispose();
    text.dispose();
  }
}

function checkInputs(
  images: readonly Image[],
  { selection }: FsacConfig,
  { bestTest }: FitFsacOptions,
): void {
  if (images.length === 0) throw new ArgumentError('fitFsac', 'at least one normal image', 'none');
  for (const { shape } of images) {
    if (shape.length !== 3 || shape[2] !== 3) throw new ShapeError('fitFsac', 'images [H, W, 3]', shape);
  }
  // Test data must not come in unnoticed, nor be left out where it is meant to choose.
  if ((selection === 'best-test') !== (bestTest !== undefined)) {
    throw new ArgumentError('fitFsac', "options.bestTest together with selection: 'best-test'", selection);
  }
}

/** A tensor of its own in both cases. */
function textOf(clip: Clip, className: string, config: FsacConfig, given?: tf.Tensor2D): tf.Tensor2D {
  if (!given) return encodeFsacPrompts(clip, className, config);
  const { embeddingWidth } = clip.config;
  if (given.shape.join() !== `2,${embeddingWidth}`) {
    throw new ShapeError('fitFsac', `text embeddings [2, ${embeddingWidth}]`, given.shape);
  }
  return tf.clone(given);
}

function optimiserOf(state: ModelState, { optimizer }: FsacConfig): Optimiser {
  const { kind, lrImage, lrText, betas, epsilon, weightDecay } = optimizer;
  const isText = (name: string) => name.startsWith('text.');
  const decay = weightDecay === 'default' ? {} : { weightDecay };
  const groups = [
    { parameters: state.parametersWhere((name) => !isText(name)), learningRate: lrImage, ...decay },
    { parameters: state.parametersWhere(isText), learningRate: lrText, ...decay },
  ];
  if (kind === 'sgd') return sgd(groups);
  const withMoments = groups.map((group) => ({ ...group, betas, epsilon }));
  return kind === 'adam' ? adam(withMoments) : adamW(withMoments);
}
