import type * as tf from '@tensorflow/tfjs';
import { type ElementType, type NodeOptions, OnnxGraph, type Value } from '../encoder/onnx-graph.js';
import { CompileError } from './compile-error.js';

/** Types of tensors that a graph can hold. */
export type TracedType = 'float32' | 'int32' | 'bool';

export type TypedValues = Float32Array | Int32Array | Uint8Array;

/** What stands in the graph for a tensor: a value that has its shape, or that broadcasting brings to it. */
export interface Operand {
  readonly value: Value;
  /** Of the value. */
  readonly shape: readonly number[];
  /** The number that all elements are, where that is known. */
  readonly splat?: number;
}

/** A graph that grows while tensors are computed with. Inputs and constants enter it when they are first used. */
export class TracedGraph {
  readonly onnx = new OnnxGraph();
  /** Inputs that were used, by name. */
  readonly inputs = new Set<string>();
  /** Tensors of another backend that were used as constants. */
  readonly foreign: object[] = [];
  readonly #constants = new Map<string, Value>();

  /** A node with one output. */
  add(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, number | string | readonly number[]>> = {},
    options: NodeOptions = {},
  ): Value {
    return this.onnx.add(operator, inputs, attributes, options)[0];
  }

  input(name: string, { shape, dtype }: Pick<tf.TensorInfo, 'shape' | 'dtype'>): Operand {
    this.inputs.add(name);
    return { value: this.onnx.input(name, shape, elementType(dtype)), shape };
  }

  /** A constant; a single number when all its elements are the same. */
  constant(values: TypedValues, shape: readonly number[], dtype: tf.DataType): Operand {
    const [first] = values;
    if (values.length > 0 && values.every((value) => Object.is(value, first)))
      return this.splat(first, dtype);
    return { value: this.onnx.constant(shape, values, elementType(dtype)), shape };
  }

  /** A constant tensor, any shape, whose elements are one number. */
  splat(number: number, dtype: tf.DataType): Operand {
    return { value: this.scalar(number, dtype), shape: [], splat: number };
  }

  scalar(number: number, dtype: tf.DataType): Value {
    const values = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
    return this.once(`${dtype} ${Object.is(number, -0) ? '-0' : number}`, () =>
      this.onnx.constant([], values.of(number), elementType(dtype)),
    );
  }

  /** A list of whole numbers, as shapes, axes and ranges are given. */
  integers(values: readonly number[]): Value {
    return this.once(values.join(), () => this.onnx.integers(values));
  }

  /** A constant that another backend holds; read when the model is written. */
  foreignConstant({ dataId, shape, dtype }: tf.TensorInfo, read: () => Promise<ArrayBufferView>): Operand {
    this.foreign.push(dataId);
    const type = elementType(dtype);
    return { value: this.onnx.weight(shape, read, type), shape };
  }

  reshape(value: Value, shape: readonly number[]): Value {
    // A zero would mean: as it was.
    return this.add('Reshape', [value, this.integers(shape)], shape.includes(0) ? { allowzero: 1 } : {});
  }

  private once(key: string, make: () => Value): Value {
    const known = this.#constants.get(key) ?? make();
    this.#constants.set(key, known);
    return known;
  }
}

/** @throws {@link CompileError} for a type that graphs do not have. */
export function elementType(dtype: tf.DataType): TracedType & ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new CompileError(`compiled training: a ${dtype} tensor cannot be compiled; make it in batch`);
}
