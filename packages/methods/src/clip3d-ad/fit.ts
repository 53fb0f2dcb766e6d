import { ArgumentError, breathe, type LongWorkOptions } from '@anomclip/core';
import { type Clip, encodePromptEnsemble, promptStates, promptTemplates } from '@anomclip/core/clip';
import { cachedEncoder, FeatureCache } from '@anomclip/core/encoder';
import type { Image } from '@anomclip/core/image';
import { createRng, type Rng } from '@anomclip/core/random';
import {
  type AdamGroup,
  adam,
  type CheckpointOptions,
  type GradientSource,
  type LossHistory,
  type ModelState,
  type StepContext,
  type TrainingTask,
  train,
} from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import { type HeadValues, stateOf, weightsOf } from '../heads/weights.js';
import { adapt } from './adapters.js';
import { pairBatch, type TrainingSample, trainingSample } from './batch.js';
import { type Clip3dConfig, clip3dConfig, type PartialClip3dConfig, sizesOf } from './config.js';
import { type Clip3dDetector, createClip3dDetector } from './detector.js';
import { disposeFeatures } from './features.js';
import { initialHead } from './head.js';
import { type Clip3dBatch, clip3dLosses } from './loss.js';
import { type Clip3dSample, type Clip3dScan, prepareClip3d } from './prepare.js';

/** Both towers of a CLIP, its tokenizer and configuration. */
export type Clip3dModel = Pick<Clip, 'vision' | 'text' | 'tokenizer' | 'config'>;

export interface FitClip3dOptions extends LongWorkOptions {
  /** Name of the object in the prompts. @defaultValue 'object' */
  readonly className?: string;
  /** Texture images for the anomalies, any size. @defaultValue none: the scan itself, its cells shuffled */
  readonly textures?: readonly Image[];
  /** What names CLIP's weights, `await checkpointKey(checkpoint)`: it is saved, and compared when loading. */
  readonly weights?: string;
  /** When and where to write checkpoints. @defaultValue never */
  readonly checkpoints?: CheckpointOptions;
  /** A checkpoint of the same training: it goes on from there, exactly. Not with `selection: 'best-test'`. */
  readonly resume?: Uint8Array;
  /** What computes losses and gradients, e.g. `compiledGradients`. @defaultValue TensorFlow.js */
  readonly gradients?: GradientSource;
  /** Scores a detector after each epoch, higher is better; for `selection: 'best-test'`. It must not dispose it. */
  readonly evaluate?: (detector: Clip3dDetector, epoch: number) => number | Promise<number>;
}

export interface FittedClip3d extends Clip3dDetector {
  /** `total`, `segmentation` and `contrastive` in every step. */
  readonly history: LossHistory;
  /** The epoch that `selection: 'best-test'` took, from 0, and its value. */
  readonly selected?: { readonly epoch: number; readonly value: number };
}

/**
 * Fits CLIP3D-AD on k normal scans of one class. CLIP stays frozen; x+ and its views are encoded once, an x− with its views
 * at every visit.
 *
 * @param clip - Stays the caller's.
 * @param scans - Scans, or what `prepareClip3d` made of them with the same configuration.
 * @throws {@link ArgumentError} and {@link ShapeError} when scans, configuration and model do not go together,
 *   {@link TrainingError} when a loss is not finite, the reason of `signal` when it was aborted.
 */
export async function fitClip3d(
  clip: Clip3dModel,
  scans: readonly (Clip3dScan | Clip3dSample)[],
  given: PartialClip3dConfig = {},
  options: FitClip3dOptions = {},
): Promise<FittedClip3d> {
  const config = clip3dConfig(given);
  checkOptions(scans, config, options);
  const sizes = sizesOf(config, clip.config);
  const { signal, onProgress, textures, weights } = options;
  const rng = createRng(config.seed);
  // Only a pool makes the same x− twice.
  const vision =
    config.synthPool === 'fresh'
      ? clip.vision
      : cachedEncoder(clip.vision, new FeatureCache({ maxBytes: 2 ** 30 }), { weights: 'fitClip3d' });
  const encoder = { vision, config: clip.config };
  const text = encodeTexts(clip, config, options.className);
  const samples: TrainingSample[] = [];
  let state: ModelState | undefined;
  try {
    for (const [i, scan] of scans.entries()) {
      await breathe(signal);
      const prepared = 'foreground' in scan ? scan : prepareClip3d(scan, config, sizes.imageSize);
      samples.push(await trainingSample(encoder, prepared, config, sizes));
      onProgress?.({ stage: 'features', done: i + 1, total: scans.length });
    }
    const trained = stateOf(initialHead(config, sizes, rng.fork('weights')));
    state = trained;
    const task: TrainingTask<Clip3dBatch> = {
      state: trained,
      sampleCount: samples.length,
      batch: (indices, context) => {
        const chosen = [...indices].map((index) => samples[index]);
        const rngs = [...indices].map((index) => anomalyRng(rng, index, context, config));
        return pairBatch(encoder, chosen, rngs, text, config, sizes, { textures, signal });
      },
      loss: (batch) => clip3dLosses(batch, weightsOf(trained), config, sizes),
    };
    const detect = async (values: HeadValues) =>
      createClip3dDetector({ vision: clip.vision, config: clip.config }, values, config, weights);
    const best = config.selection === 'best-test' ? new BestEpoch(options.evaluate) : undefined;
    const history = await trainOn(task, rng.fork('train'), config, options, async (epoch) => {
      await best?.offer(epoch, await learnedValues(trained, text, config), detect);
      return undefined;
    });
    const detector = await detect(best?.values ?? (await learnedValues(trained, text, config)));
    return Object.assign(detector, { history, ...(best?.selected && { selected: best.selected }) });
  } finally {
    state?.dispose();
    text.dispose();
    for (const { features } of samples) disposeFeatures(features);
  }
}

function checkOptions(
  scans: readonly unknown[],
  { selection }: Clip3dConfig,
  { evaluate, resume }: FitClip3dOptions,
): void {
  if (scans.length === 0) throw new ArgumentError('fitClip3d', 'at least one scan', 0);
  if ((selection === 'best-test') !== (evaluate !== undefined)) {
    const wanted = "evaluate with selection 'best-test', and only then";
    throw new ArgumentError('fitClip3d', wanted, `${evaluate ? 'it' : 'none'} with '${selection}'`);
  }
  if (resume && selection === 'best-test') {
    throw new ArgumentError(
      'fitClip3d',
      "selection 'last' when resuming",
      selection,
      'earlier epochs are not kept',
    );
  }
}

/** T, [2, C]. */
function encodeTexts(clip: Clip3dModel, config: Clip3dConfig, className = 'object'): tf.Tensor2D {
  const name = config.classNameFormat === 'spaces' ? className.replaceAll('_', ' ') : className;
  const ensemble = { templates: promptTemplates[config.templates], states: promptStates };
  return encodePromptEnsemble(clip, ensemble, name, {
    unitLength: config.normalizePromptEmbeddings,
    truncate: config.truncate,
  });
}

/** The stream of one anomaly: of the step, or one of a pool that is cycled through epoch by epoch. */
function anomalyRng(rng: Rng, sample: number, context: StepContext, { synthPool }: Clip3dConfig): Rng {
  return synthPool === 'fresh'
    ? context.rng.fork('pair', sample)
    : rng.fork('pool', sample, context.epoch % synthPool);
}

async function trainOn(
  task: TrainingTask<Clip3dBatch>,
  rng: Rng,
  { learningRates: rates, epochs, batchSize }: Clip3dConfig,
  { signal, onProgress, checkpoints, resume, gradients }: FitClip3dOptions,
  afterEpoch: (epoch: number) => Promise<undefined>,
): Promise<LossHistory> {
  const groups: AdamGroup[] = (
    [
      ['class_text', rates.classText],
      ['segmentation_text', rates.segmentationText],
      ['image', rates.image],
      ['decoder', rates.decoder],
      ['global_fusion', rates.multiView],
      ['local_fusion', rates.multiView],
    ] as const
  ).map(([prefix, learningRate]) => ({
    parameters: task.state.parametersWhere((name) => name.startsWith(`${prefix}.`)),
    learningRate,
  }));
  const optimiser = adam(groups);
  try {
    return await train(task, rng, {
      optimiser,
      epochs,
      batchSize: batchSize === 'auto' ? Math.min(2, task.sampleCount) : batchSize,
      afterEpoch,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
      ...(checkpoints && { checkpoints }),
      ...(resume && { resume }),
      ...(gradients && { gradients }),
    });
  } finally {
    optimiser.dispose();
  }
}

/** What a detector needs: both adapted texts in place of their adapters. */
async function learnedValues(
  state: ModelState,
  text: tf.Tensor2D,
  config: Clip3dConfig,
): Promise<HeadValues> {
  const weights = weightsOf(state);
  const texts = tf.tidy(() => ({
    'text.class': adapt(text, weights, 'class_text', config),
    'text.segmentation': adapt(text, weights, 'segmentation_text', config),
  }));
  try {
    const values: HeadValues = {};
    for (const [name, tensor] of Object.entries({ ...weights, ...texts })) {
      if (/^(class|segmentation)_text\./.test(name)) continue;
      values[name] = { shape: [...tensor.shape], data: (await tensor.data<'float32'>()).slice() };
    }
    return values;
  } finally {
    tf.dispose(texts);
  }
}

/** The highest of the epochs, by what `evaluate` says. */
class BestEpoch {
  values: HeadValues | undefined;
  selected: { readonly epoch: number; readonly value: number } | undefined;

  constructor(private readonly evaluate: FitClip3dOptions['evaluate']) {}

  async offer(
    epoch: number,
    values: HeadValues,
    detect: (values: HeadValues) => Promise<Clip3dDetector>,
  ): Promise<void> {
    const detector = await detect(values);
    try {
      const value = (await this.evaluate?.(detector, epoch)) ?? Number.NEGATIVE_INFINITY;
      if (this.selected && !(value > this.selected.value)) return;
      this.selected = { epoch, value };
      this.values = values;
    } finally {
      detector.dispose();
    }
  }
}
