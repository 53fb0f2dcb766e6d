import { ArgumentError, breathe, type LongWorkOptions } from '@anomclip/core';
import { type Clip, encodePromptEnsemble, promptStates, promptTemplates } from '@anomclip/core/clip';
import { cachedEncoder, FeatureCache } from '@anomclip/core/encoder';
import type { Image } from '@anomclip/core/image';
import { createRng, type Rng } from '@anomclip/core/random';
import {
  type AdamGroup,
  adam,
  type CheckpointOptions,
  type Companion,
  type GradientSource,
  type LossHistory,
  type ModelState,
  type StepContext,
  type TrainingOptions,
  type TrainingTask,
  train,
} from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import { type BestEpoch, readBestEpoch, writeBestEpoch } from '../heads/best-epoch.js';
import { type HeadValues, stateOf, weightsOf } from '../heads/weights.js';
import { adapt } from './adapters.js';
import { pairBatch, type TrainingSample, trainingSample } from './batch.js';
import { type Clip3dConfig, clip3dConfig, type PartialClip3dConfig, sizesOf } from './config.js';
import { type Clip3dDetector, createClip3dDetector } from './detector.js';
import { disposeFeatures } from './features.js';
import { initialHead } from './head.js';
import { headShapes } from './head-shapes.js';
import { type Clip3dBatch, clip3dLosses } from './loss.js';
import type { Clip3dSample, Clip3dScan } from './prepare.js';
import { ScanPreparer } from './scan-preparer.js';

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
  /** A checkpoint of the same training: it goes on from there, exactly. */
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
  const preparer = new ScanPreparer(config, sizes.imageSize);
  let state: ModelState | undefined;
  try {
    for (const [i, scan] of scans.entries()) {
      await breathe(signal);
      samples.push(await trainingSample(encoder, preparer.prepare(scan), config, sizes));
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
    const { drawn } = preparer;
    const known = { ...(weights !== undefined && { weights }), ...(drawn && { drawn }) };
    const detect = (values: HeadValues) =>
      createClip3dDetector({ vision: clip.vision, config: clip.config }, values, config, known);
    const best = options.evaluate && new BestEpochSoFar(options.evaluate, detect, headShapes(config, sizes));
    const history = await trainOn(task, rng.fork('train'), config, options, {
      ...(best && { companion: best }),
      async afterEpoch(epoch) {
        await best?.offer(epoch, await learnedValues(trained, text, config));
        return undefined;
      },
    });
    const detector = detect(best?.best?.values ?? (await learnedValues(trained, text, config)));
    const { epoch, value } = best?.best ?? {};
    return Object.assign(detector, {
      history,
      ...(epoch !== undefined && value !== undefined && { selected: { epoch, value } }),
    });
  } finally {
    state?.dispose();
    text.dispose();
    for (const { features } of samples) disposeFeatures(features);
  }
}

function checkOptions(
  scans: readonly unknown[],
  { selection }: Clip3dConfig,
  { evaluate }: FitClip3dOptions,
): void {
  if (scans.length === 0) throw new ArgumentError('fitClip3d', 'at least one scan', 0);
  if ((selection === 'best-test') !== (evaluate !== undefined)) {
    const wanted = "evaluate with selection 'best-test', and only then";
    throw new ArgumentError('fitClip3d', wanted, `${evaluate ? 'it' : 'none'} with '${selection}'`);
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
  selection: Pick<TrainingOptions, 'afterEpoch' | 'companion'>,
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
      ...selection,
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

/** The highest of the epochs so far, by what `evaluate` says; the first of equals. */
class BestEpochSoFar implements Companion {
  best: BestEpoch | undefined;

  constructor(
    private readonly evaluate: NonNullable<FitClip3dOptions['evaluate']>,
    private readonly detect: (values: HeadValues) => Clip3dDetector,
    private readonly shapes: ReadonlyMap<string, readonly number[]>,
  ) {}

  async offer(epoch: number, values: HeadValues): Promise<void> {
    const detector = this.detect(values);
    try {
      const value = await this.evaluate(detector, epoch);
      if (!this.best || value > this.best.value) this.best = { epoch, value, values };
    } finally {
      detector.dispose();
    }
  }

  save(): Uint8Array {
    return writeBestEpoch(this.best);
  }

  load(bytes: Uint8Array): void {
    this.best = readBestEpoch(bytes, this.shapes);
  }
}
