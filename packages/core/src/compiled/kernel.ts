import * as tf from '@tensorflow/tfjs';
import { elementTypes, type Value } from '../encoder/onnx-graph.js';
import type { TraceBackend } from './trace-backend.js';
import { elementType, type Operand, type TracedGraph } from './traced-graph.js';

/** What a kernel of TensorFlow.js is called with; `attrs` as its kernel_names.d.ts says. */
export interface KernelCall<Attributes = never> {
  readonly backend: TraceBackend;
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Attributes;
}

/** Adds an operation to the graph. */
export type TraceKernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];

export type Kernels = Readonly<Record<string, TraceKernel>>;

/** A result that is there under its own shape. */
export function result(
  backend: TraceBackend,
  value: Value,
  shape: readonly number[],
  dtype: tf.DataType,
): tf.TensorInfo {
  return backend.make(() => ({ value, shape }), shape, dtype);
}

/** A result that is another tensor's value. */
export function same(
  backend: TraceBackend,
  operand: Operand,
  { shape, dtype }: Pick<tf.TensorInfo, 'shape' | 'dtype'>,
): tf.TensorInfo {
  return backend.make(() => operand, shape, dtype);
}

/**
 * An operation on corresponding elements. Operands are not brought to their full shapes before it: the runtime broadcasts
 * them itself, and what they all repeat is computed once.
 */
export function elementwise(
  backend: TraceBackend,
  tensors: readonly tf.TensorInfo[],
  dtype: tf.DataType,
  node: (...values: Value[]) => Value,
): tf.TensorInfo {
  const operands = tensors.map((tensor) => backend.operand(tensor));
  const value = node(...operands.map((operand) => operand.value));
  const shape = broadcast(operands.map((operand) => operand.shape));
  return backend.make(() => ({ value, shape }), broadcast(tensors.map((tensor) => tensor.shape)), dtype);
}

/** The shape that all broadcast to. */
export function broadcast(shapes: readonly (readonly number[])[]): number[] {
  return shapes.reduce<number[]>(
    (all, shape) => tf.broadcast_util.assertAndGetBroadcastShape(all, [...shape]),
    [],
  );
}

/** The first value where a condition holds, else the second. */
export function choice(
  graph: TracedGraph,
  condition: Value,
  values: readonly Value[],
  dtype: tf.DataType,
): Value {
  if (dtype !== 'bool') return graph.add('Where', [condition, ...values]);
  // The runtime chooses between numbers alone.
  const numbers = values.map((value) => cast(graph, value, 'int32'));
  return cast(graph, graph.add('Where', [condition, ...numbers]), 'bool');
}

export function cast(graph: TracedGraph, value: Value, dtype: tf.DataType): Value {
  return graph.add('Cast', [value], { to: elementTypes[elementType(dtype)] });
}
