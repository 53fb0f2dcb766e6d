import { ArgumentError, FormatError } from '../errors.js';
import type { Rng } from '../random/index.js';
import { readSafetensors, type SafetensorsTensor } from '../weights/read-safetensors.js';
import { type TensorToWrite, writeSafetensors } from '../weights/write-safetensors.js';
import type { Persistent } from './model-state.js';

/** Values of every reported loss, one per step. */
export type LossHistory = ReadonlyMap<string, readonly number[]>;

/** The parts of a training run that a checkpoint holds. */
export interface RunParts {
  readonly model: Persistent;
  readonly optimiser: Persistent;
  /** What must be the same when the run goes on, or the rest of it would be another run. */
  readonly identity: Readonly<Record<string, string>>;
  readonly companion?: Companion | undefined;
}

/** What a run remembers beside model and optimiser, such as its best epoch so far; bytes in its own format. */
export interface Companion {
  save(): Uint8Array | Promise<Uint8Array>;
  /** Takes back what `save` gave; borrowed. */
  load(bytes: Uint8Array): void | Promise<void>;
}

const companionName = 'companion';

const format = 'anomclip training checkpoint 1';

/** Text that tells random streams of different seeds apart. */
export function streamIdentity(rng: Rng): string {
  const stream = rng.fork('identity');
  return [stream.integer(0, 2 ** 52), stream.integer(0, 2 ** 52)].join('-');
}

/** The run after `step` steps, as safetensors bytes. Its random streams need no place: each is named by its step. */
export async function writeTrainingCheckpoint(
  { model, optimiser, identity, companion }: RunParts,
  step: number,
  history: LossHistory,
): Promise<Uint8Array> {
  const tensors = new Map<string, TensorToWrite>();
  if (companion) {
    const data = await companion.save();
    tensors.set(companionName, { shape: [data.length], data });
  }
  for (const [name, tensor] of await model.save()) tensors.set(`model/${name}`, tensor);
  for (const [name, tensor] of await optimiser.save()) tensors.set(`optimiser/${name}`, tensor);
  for (const [name, values] of history) {
    tensors.set(`history/${name}`, { shape: [values.length], data: Float64Array.from(values) });
  }
  return writeSafetensors(tensors, { ...identity, format, step: String(step) });
}

/**
 * Puts a run back to where the checkpoint was written. Everything is checked first, by the companion too: when it throws, model
 * and optimiser have not changed.
 *
 * @returns Steps done, and the losses of each.
 * @throws {@link FormatError} when the bytes are no training checkpoint or one of another model or optimiser,
 *   {@link ArgumentError} when the run's samples, batches or seed are others.
 */
export async function readTrainingCheckpoint(
  bytes: Uint8Array,
  { model, optimiser, identity, companion }: RunParts,
): Promise<{ step: number; history: Map<string, number[]> }> {
  const { tensors, metadata } = readSafetensors(bytes);
  const step = Number(metadata.step);
  if (metadata.format !== format || !Number.isSafeInteger(step) || step < 0) {
    throw malformed(`its metadata says format ${metadata.format}, step ${metadata.step}`);
  }
  for (const [name, value] of Object.entries(identity)) {
    if (metadata[name] !== value) {
      throw new ArgumentError('train, resume', `the run's ${name}, ${metadata[name]}`, value);
    }
  }
  const modelValues = valuesOf(tensors, 'model/', model.shapes);
  const optimiserValues = valuesOf(tensors, 'optimiser/', optimiser.shapes);
  const history = historyOf(tensors, step);
  const remembered = companion ? companionOf(tensors) : undefined;
  const expected = modelValues.size + optimiserValues.size + history.size + Number(remembered !== undefined);
  if (expected !== tensors.size) {
    throw malformed('it holds more tensors than this model and optimiser have');
  }
  if (remembered) await companion?.load(remembered);
  model.load(modelValues);
  optimiser.load(optimiserValues);
  return { step, history };
}

type Tensors = ReadonlyMap<string, SafetensorsTensor>;

function valuesOf(
  tensors: Tensors,
  prefix: string,
  shapes: ReadonlyMap<string, readonly number[]>,
): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const stored = tensors.get(prefix + name);
    if (!stored) throw malformed(`${prefix}${name} is missing`);
    if (!(stored.data instanceof Float32Array) || stored.shape.join() !== shape.join()) {
      const found = `${stored.dtype} [${stored.shape.join(', ')}]`;
      throw malformed(`${prefix}${name} is ${found}, wanted is F32 [${shape.join(', ')}]`);
    }
    values.set(name, stored.data);
  }
  return values;
}

function companionOf(tensors: Tensors): Uint8Array {
  const data = tensors.get(companionName)?.data;
  if (data instanceof Uint8Array) return data;
  throw malformed('it does not hold what this run remembers beside the model');
}

function historyOf(tensors: Tensors, step: number): Map<string, number[]> {
  const history = new Map<string, number[]>();
  for (const [name, { data }] of tensors) {
    if (!name.startsWith('history/')) continue;
    if (!(data instanceof Float64Array) || data.length !== step) {
      throw malformed(`${name} has ${data.length} values for ${step} steps`);
    }
    history.set(name.slice('history/'.length), [...data]);
  }
  return history;
}

function malformed(problem: string): FormatError {
  return new FormatError(
    'training checkpoint',
    problem,
    'resume with the model and options it was made with',
  );
}
