import { type ClipConfig, TextTower, VisionTower } from '@anomclip/core/clip';
import type { Rng } from '@anomclip/core/random';
import {
  adamW,
  cosineSchedule,
  ModelState,
  type TrainingOptions,
  type TrainingProgress,
  train,
} from '@anomclip/core/training';
import { readSafetensors, safetensorsCheckpoint, writeSafetensors } from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import { BatchMaker } from './batches.js';
import { initialWeights } from './initialise.js';
import { type PretrainModel, pretrainLosses } from './losses.js';
import { AVERAGE_PREFIX } from './model-files.js';
import type { PairStore } from './pair-store.js';
import { trainingPatches } from './training-patches.js';
import { createVocabulary } from './vocabulary.js';

export interface PretrainOptions
  extends Pick<TrainingOptions, 'checkpoints' | 'gradients' | 'resume' | 'signal' | 'onProgress'> {
  readonly steps: number;
  /** Steps after which `afterPart` is called, and pairs are shuffled anew; they divide `steps`. */
  readonly stepsPerPart: number;
  /** Images of a step, half of them damaged. */
  readonly batchSize: number;
  /** @defaultValue 1.2e-3 */
  readonly learningRate?: number;
  /** Called after every part, with the number of steps done. */
  readonly afterPart?: (state: ModelState, steps: number) => Promise<void>;
}

/** Pairs that take part in the first quarter of the training: what is damaged on them is seen easily. */
const LARGE_AREA = 0.012;
/** How slowly the average of the weights follows them, per step; and how often it is moved. */
const AVERAGE_DECAY = 0.998;
const AVERAGE_EVERY = 10;

/**
 * Pretrains a CLIP on pairs: contrast of captions and images, and damage seen by class token and patches.
 *
 * @returns The parameters, and under `average/…` their moving average, which is what is shipped. The caller owns it.
 */
export async function pretrain(
  store: PairStore,
  config: ClipConfig,
  rng: Rng,
  options: PretrainOptions,
): Promise<ModelState> {
  const { steps, stepsPerPart, batchSize, learningRate = 1.2e-3, afterPart, onProgress } = options;
  const { state, model } = await createModel(store, config, rng.fork('weights'));
  const batches = new BatchMaker(store, createVocabulary(), config.preprocess, config.vision.patchSize);
  const pairsPerStep = batchSize / 2;
  const parts = steps / stepsPerPart;
  const optimiser = adamW(parameterGroups(state, learningRate));
  const { checkpoints, gradients, resume, signal } = options;
  try {
    await train(
      {
        state,
        sampleCount: stepsPerPart * pairsPerStep,
        batch: (pairs, context) => batches.make(pairs, context.rng),
        loss: (batch) => pretrainLosses(model, batch),
      },
      rng.fork('training'),
      {
        optimiser,
        epochs: parts,
        batchSize: pairsPerStep,
        order: (part, stream) => pairsOfPart(store, part < parts / 4, stepsPerPart * pairsPerStep, stream),
        schedule: cosineSchedule(steps, { warmUpSteps: Math.min(100, Math.ceil(steps / 10)), floor: 0.02 }),
        maxGradientNorm: 1,
        ...{ checkpoints, gradients, resume, signal },
        onProgress(event: TrainingProgress) {
          if ((event.step + 1) % AVERAGE_EVERY === 0) moveAverage(state, event.step + 1);
          onProgress?.(event);
        },
        async afterEpoch(part) {
          await afterPart?.(state, (part + 1) * stepsPerPart);
          return undefined;
        },
      },
    );
    return state;
  } catch (error) {
    state.dispose();
    throw error;
  } finally {
    optimiser.dispose();
  }
}

async function createModel(
  store: PairStore,
  config: ClipConfig,
  rng: Rng,
): Promise<{ state: ModelState; model: PretrainModel }> {
  const patches = trainingPatches(store, config);
  const stored = readSafetensors(writeSafetensors(initialWeights(config, patches, rng)));
  const checkpoint = safetensorsCheckpoint(stored);
  const state = new ModelState();
  const model = {
    vision: await VisionTower.load(checkpoint, config, state),
    text: await TextTower.load(checkpoint, config, state),
    logitScale: state.parameter<tf.Rank.R0>('logit_scale', [], await checkpoint.read('logit_scale')),
  };
  for (const [name, { shape, data }] of await state.save()) {
    state.buffer(AVERAGE_PREFIX + name, shape as [number], data as Float32Array);
  }
  return { state, model };
}

/** Weight decay is for the matrices of layers: not for biases, norms, the class token, positions, the table of tokens. */
function parameterGroups(state: ModelState, learningRate: number) {
  const common = { learningRate, betas: [0.9, 0.98] as const, epsilon: 1e-6 };
  const isDecayed = (name: string, parameter: tf.Variable) => parameter.rank === 2 && !/embedding/.test(name);
  return [
    { ...common, parameters: state.parametersWhere(isDecayed), weightDecay: 0.05 },
    {
      ...common,
      parameters: state.parametersWhere((name, parameter) => !isDecayed(name, parameter)),
      weightDecay: 0,
    },
  ];
}

/** `count` pairs, each once before any is taken again. */
function pairsOfPart(store: PairStore, onlyLarge: boolean, count: number, rng: Rng): Uint32Array {
  const pairs = Array.from({ length: store.count }, (_, i) => i).filter(
    (i) => !onlyLarge || store.area(i) > LARGE_AREA,
  );
  const chosen = new Uint32Array(count);
  for (let start = 0; start < count; start += pairs.length) {
    chosen.set(rng.shuffle(pairs).slice(0, count - start), start);
  }
  return chosen;
}

/** Follows the weights; at first faster, or the average would remember the initial ones. */
function moveAverage(state: ModelState, step: number): void {
  const decay = Math.min(AVERAGE_DECAY ** AVERAGE_EVERY, step / (step + 20 * AVERAGE_EVERY));
  tf.tidy(() => {
    for (const [name, parameter] of state.parameters) {
      const average = state.buffers.get(AVERAGE_PREFIX + name);
      average?.assign(tf.add(tf.mul(average, decay), tf.mul(parameter, 1 - decay)));
    }
  });
}
