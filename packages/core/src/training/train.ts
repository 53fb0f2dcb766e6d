import * as tf from '@tensorflow/tfjs';
import { explainWasmFailure } from '../backend/wasm-failure.js';
import { ArgumentError } from '../errors.js';
import { breathe, type ProgressEvent } from '../long-work.js';
import type { Rng } from '../random/index.js';
import { planBatches } from './batch-plan.js';
import { disposeTensors } from './dispose-tensors.js';
import { type GradientRun, type GradientSource, tfjsGradients } from './gradient-source.js';
import { clipGradients, gradientNorm, type Losses } from './gradients.js';
import { constantSchedule, type LearningRateSchedule } from './learning-rate.js';
import type { ModelState } from './model-state.js';
import type { Optimiser } from './optimiser.js';
import {
  type Companion,
  type LossHistory,
  readTrainingCheckpoint,
  streamIdentity,
  writeTrainingCheckpoint,
} from './training-checkpoint.js';
import { TrainingError } from './training-error.js';

/** What is trained. */
export interface TrainingTask<Batch> {
  /** Parameters and buffers; borrowed, and changed in place. */
  readonly state: ModelState;
  /** N, the samples of one epoch. */
  readonly sampleCount: number;
  /**
   * Gathers what a step needs. The loop frees the tensors in it, in arrays, maps and plain objects too; give clones, which
   * copy nothing, of what stays yours.
   *
   * @param samples - Indices in 0…N−1.
   */
  batch(samples: Uint32Array, context: StepContext): Batch | Promise<Batch>;
  /** The losses of a batch, differentiable to the parameters. It may assign buffers. */
  loss(batch: Batch, context: StepContext): Losses;
}

export interface StepContext {
  /** From 0. */
  readonly epoch: number;
  /** From 0, over all epochs. */
  readonly step: number;
  /** This step's own stream: what it gives does not depend on what other steps have drawn. */
  readonly rng: Rng;
}

export interface TrainingOptions {
  /** Moves the parameters; borrowed, and changed. */
  readonly optimiser: Optimiser;
  /** What computes losses and gradients, e.g. `compiledGradients`. @defaultValue TensorFlow.js, on its current backend */
  readonly gradients?: GradientSource;
  readonly epochs: number;
  /** Samples per step. @defaultValue 1 */
  readonly batchSize?: number;
  /** Whether the last batch of an epoch is left out when it is smaller than the others. @defaultValue false */
  readonly dropLast?: boolean;
  /** The samples of an epoch in the order of their use. @defaultValue every sample once, shuffled */
  readonly order?: (epoch: number, rng: Rng) => Uint32Array;
  /** @defaultValue constant */
  readonly schedule?: LearningRateSchedule;
  /** Longer gradients, over all parameters, are scaled down to this length. @defaultValue no limit */
  readonly maxGradientNorm?: number;
  /** When and where to write checkpoints, safetensors bytes from which `resume` goes on. @defaultValue never */
  readonly checkpoints?: CheckpointOptions;
  /** A checkpoint of the same run: the result is the uninterrupted run's, bit for bit on the same backend. */
  readonly resume?: Uint8Array;
  /** What else a checkpoint must hold for `afterEpoch` to go on as if nothing had happened. */
  readonly companion?: Companion;
  /**
   * Called after each epoch, e.g. to evaluate; `'stop'` ends training. A run that resumes at the end of an epoch calls it for that
   * epoch again: checkpoints are written before it.
   */
  readonly afterEpoch?: (epoch: number) => 'stop' | undefined | Promise<'stop' | undefined>;
  /** Stops before the next step; the function then throws the signal's reason, and the state stays as it is. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onProgress?: (event: TrainingProgress) => void;
}

export interface CheckpointOptions {
  /** Called with the file, and with the number of steps that it has behind it. */
  readonly write: (bytes: Uint8Array, steps: number) => void | Promise<void>;
  /** Every so many steps. One is written after the last step in any case. */
  readonly everySteps?: number;
  /** Every so many epochs. */
  readonly everyEpochs?: number;
}

export interface TrainingProgress extends ProgressEvent {
  readonly epoch: number;
  readonly step: number;
  readonly losses: Readonly<Record<string, number>>;
  /** Length of the gradient, before it was limited. */
  readonly gradientNorm: number;
}

/**
 * The training loop of every method: batches, losses, gradients, optimiser, again.
 *
 * @param rng - Names the streams of batch orders and steps by fork, and is not drawn from.
 * @returns Every loss in every step. The trained values are in `task.state`.
 * @throws {@link TrainingError} when a loss or the gradient is not finite: the state is then as before that step, and the last
 *   checkpoint stays what to go on from. {@link ArgumentError} and {@link FormatError} for options and a `resume` that
 *   cannot work. {@link BackendError} when the heap of the wasm backend is full. Whatever the task throws.
 */
export async function train<Batch>(
  task: TrainingTask<Batch>,
  rng: Rng,
  options: TrainingOptions,
): Promise<LossHistory> {
  const { optimiser, gradients = tfjsGradients } = options;
  const { checkpoints, resume, companion, afterEpoch, signal, onProgress } = options;
  checkOptions(task.state, options);
  const plan = planBatches(task.sampleCount, rng, options);
  const parts = { model: task.state, optimiser, identity: identityOf(task, rng, options), companion };
  const start = resume ? await readTrainingCheckpoint(resume, parts) : { step: 0, history: new Map() };
  const history: Map<string, number[]> = start.history;
  const endEpoch = async (steps: number) =>
    steps > 0 && steps % plan.stepsPerEpoch === 0 ? afterEpoch?.(steps / plan.stepsPerEpoch - 1) : undefined;

  if ((await endEpoch(start.step)) === 'stop') return history;
  const run = gradients.start(task, optimiser.parameters);
  try {
    for (let step = start.step; step < plan.stepCount; step++) {
      await breathe(signal);
      const { epoch, samples } = plan.at(step);
      const context = { epoch, step, rng: rng.fork('step', step) };
      const taken = await takeStep(task, run, samples, context, options);
      remember(history, taken.losses, step);
      onProgress?.({ stage: 'train', done: step + 1, total: plan.stepCount, epoch, step, ...taken });

      if (checkpoints && isDue(checkpoints, step + 1, plan)) {
        await checkpoints.write(await writeTrainingCheckpoint(parts, step + 1, history), step + 1);
      }
      if ((await endEpoch(step + 1)) === 'stop') break;
    }
  } catch (error) {
    throw explainWasmFailure('train', error);
  } finally {
    await run.close();
  }
  return history;
}

function checkOptions(
  { parameters }: ModelState,
  { optimiser, checkpoints, maxGradientNorm }: TrainingOptions,
) {
  for (const [name, parameter] of optimiser.parameters) {
    // It would be missing in checkpoints.
    if (parameters.get(name) !== parameter) {
      throw new ArgumentError('train', "an optimiser of the task's parameters under their names", name);
    }
  }
  for (const every of [checkpoints?.everySteps, checkpoints?.everyEpochs]) {
    if (every !== undefined && !(Number.isInteger(every) && every >= 1)) {
      throw new ArgumentError('train', 'checkpoints every so many steps or epochs, from 1', every);
    }
  }
  if (maxGradientNorm !== undefined && !(maxGradientNorm > 0)) {
    throw new ArgumentError('train', 'a maxGradientNorm above 0', maxGradientNorm);
  }
}

/** One step; when it throws, parameters and buffers are as before. */
async function takeStep<Batch>(
  task: TrainingTask<Batch>,
  run: GradientRun<Batch>,
  samples: Uint32Array,
  context: StepContext,
  { optimiser, schedule = constantSchedule(), maxGradientNorm }: TrainingOptions,
): Promise<{ losses: Record<string, number>; gradientNorm: number }> {
  const batch = await task.batch(samples, context);
  const before = [...task.state.buffers.values()].map((buffer) => [buffer, tf.clone(buffer)] as const);
  const made: tf.Tensor[] = before.map(([, copy]) => copy);
  try {
    const { losses, gradients } = await run.step(batch, context);
    const norm = gradientNorm(gradients);
    made.push(norm, ...losses.values(), ...gradients.values());
    const values = await readScalars([...losses.values(), norm]);
    const named = Object.fromEntries([...losses.keys()].map((name, i) => [name, values[i]]));
    const length = values[losses.size];
    if (!values.every(Number.isFinite)) throw new TrainingError(context.step, context.epoch, named, length);

    const limited =
      maxGradientNorm === undefined ? gradients : clipGradients(gradients, norm, maxGradientNorm);
    made.push(...limited.values());
    optimiser.step(limited, schedule(context.step));
    return { losses: named, gradientNorm: length };
  } catch (error) {
    for (const [buffer, value] of before) buffer.assign(value);
    throw error;
  } finally {
    tf.dispose(made);
    disposeTensors(batch);
  }
}

/** Reads many scalars at the cost of one. */
async function readScalars(scalars: readonly tf.Scalar[]): Promise<number[]> {
  const stacked = tf.stack([...scalars]);
  try {
    return [...(await stacked.data())];
  } finally {
    stacked.dispose();
  }
}

/** What decides which samples and numbers a step gets. Epochs may be added, so they are not in it. */
function identityOf<Batch>(
  { sampleCount }: TrainingTask<Batch>,
  rng: Rng,
  { batchSize = 1, dropLast = false }: TrainingOptions,
): Record<string, string> {
  const settings = { sampleCount, batchSize, dropLast, seed: streamIdentity(rng) };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}

function remember(
  history: Map<string, number[]>,
  losses: Readonly<Record<string, number>>,
  step: number,
): void {
  const names = Object.keys(losses);
  if (step === 0) for (const name of names) history.set(name, []);
  if (names.length !== history.size || !names.every((name) => history.has(name))) {
    throw new ArgumentError(
      'loss',
      `the same losses in every step, ${[...history.keys()]}`,
      names.join(', '),
    );
  }
  for (const [name, values] of history) values.push(losses[name]);
}

function isDue(
  { everySteps, everyEpochs }: CheckpointOptions,
  steps: number,
  { stepCount, stepsPerEpoch }: { stepCount: number; stepsPerEpoch: number },
): boolean {
  const bySteps = everySteps !== undefined && steps % everySteps === 0;
  const byEpochs = everyEpochs !== undefined && steps % (everyEpochs * stepsPerEpoch) === 0;
  return bySteps || byEpochs || steps === stepCount;
}
