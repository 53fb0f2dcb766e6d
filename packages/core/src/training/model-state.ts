import * as tf from '@tensorflow/tfjs';
import { ArgumentError, ShapeError } from '../errors.js';
import type { TensorToWrite } from '../weights/write-safetensors.js';

/** What a checkpoint can hold and give back: named tensors of fixed shapes. */
export interface Persistent {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The present values. The caller owns the arrays. */
  save(): Promise<Map<string, TensorToWrite>>;
  /** Puts values back; they have these names and these shapes, and are copied. */
  load(values: ReadonlyMap<string, Float32Array>): void;
}

/**
 * What training changes in a model, by name: parameters, which the optimiser moves along gradients, and buffers, such as
 * running statistics, which the loss assigns itself. Both are variables, so that whoever holds one sees the present value.
 */
export class ModelState implements Persistent {
  readonly #parameters = new Map<string, tf.Variable>();
  readonly #buffers = new Map<string, tf.Variable>();

  get parameters(): ReadonlyMap<string, tf.Variable> {
    return this.#parameters;
  }

  get buffers(): ReadonlyMap<string, tf.Variable> {
    return this.#buffers;
  }

  get shapes(): ReadonlyMap<string, readonly number[]> {
    return new Map(this.entries().map(([name, { shape }]) => [name, shape]));
  }

  /**
   * Adds a parameter.
   *
   * @param values - Row-major initial values; borrowed.
   * @returns The variable, which the state owns.
   * @throws {@link ArgumentError} when the name is taken, {@link ShapeError} when shape and values disagree.
   */
  parameter<R extends tf.Rank>(
    name: string,
    shape: tf.ShapeMap[R],
    values: Float32Array | readonly number[],
  ): tf.Variable<R> {
    return this.add(this.#parameters, name, shape, values);
  }

  /** Adds a buffer; otherwise as {@link ModelState.parameter}. */
  buffer<R extends tf.Rank>(
    name: string,
    shape: tf.ShapeMap[R],
    values: Float32Array | readonly number[],
  ): tf.Variable<R> {
    return this.add(this.#buffers, name, shape, values);
  }

  /** The parameters that `isWanted` picks: a group of the optimiser. */
  parametersWhere(isWanted: (name: string, parameter: tf.Variable) => boolean): Map<string, tf.Variable> {
    return new Map([...this.#parameters].filter(([name, parameter]) => isWanted(name, parameter)));
  }

  async save(): Promise<Map<string, TensorToWrite>> {
    return saveTensors(this.entries());
  }

  load(values: ReadonlyMap<string, Float32Array>): void {
    loadVariables(this.entries(), values);
  }

  /** Frees all variables. */
  dispose(): void {
    tf.dispose(this.entries().map(([, variable]) => variable));
    this.#parameters.clear();
    this.#buffers.clear();
  }

  private entries(): [string, tf.Variable][] {
    return [...this.#parameters, ...this.#buffers];
  }

  private add<R extends tf.Rank>(
    variables: Map<string, tf.Variable>,
    name: string,
    shape: tf.ShapeMap[R],
    values: Float32Array | readonly number[],
  ): tf.Variable<R> {
    if (this.#parameters.has(name) || this.#buffers.has(name)) {
      throw new ArgumentError('ModelState', 'a name that is not taken', name);
    }
    if (shape.reduce((product, side) => product * side, 1) !== values.length) {
      throw new ShapeError(`ModelState, ${name}`, `a shape of ${values.length} values`, shape);
    }
    // A copy: on the cpu backend a tensor is the array it was made from.
    const variable = tf.tidy(() => tf.variable(tf.tensor<R>(Float32Array.from(values), shape)));
    variables.set(name, variable);
    return variable;
  }
}

/** Values of tensors as a checkpoint holds them. */
export async function saveTensors(
  tensors: Iterable<readonly [string, tf.Tensor]>,
): Promise<Map<string, TensorToWrite>> {
  const saved = new Map<string, TensorToWrite>();
  for (const [name, tensor] of tensors) {
    // Read first: a later assignment frees what `tensor` holds now. Sliced: backends may give their own memory.
    saved.set(name, { shape: tensor.shape, data: (await tensor.data<'float32'>()).slice() });
  }
  return saved;
}

export function loadVariables(
  variables: Iterable<readonly [string, tf.Variable]>,
  values: ReadonlyMap<string, Float32Array>,
): void {
  tf.tidy(() => {
    for (const [name, variable] of variables) {
      const loaded = values.get(name);
      if (!loaded) throw new ArgumentError('load', `values of ${name}`, undefined);
      variable.assign(tf.tensor(loaded.slice(), variable.shape));
    }
  });
}
