import * as tf from '@tensorflow/tfjs';
import { elementTypes, type Value } from '../encoder/onnx-graph.js';
import { CompileError } from './compile-error.js';
import { choice, type KernelCall, type Kernels, result } from './kernel.js';
import type { TracedGraph } from './traced-graph.js';

export const gatherKernels: Kernels = {
  GatherV2: ({ backend, inputs: { x, indices }, attrs }: KernelCall<tf.GatherV2Attrs>) => {
    const { graph } = backend;
    // Both may count from the end.
    const [axis] = tf.util.parseAxisParam(attrs.axis, x.shape);
    const batchDims = attrs.batchDims < 0 ? attrs.batchDims + indices.shape.length : attrs.batchDims;
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    if (batchDims === 0) {
      const value = graph.add('Gather', [backend.value(x), backend.value(indices)], { axis });
      return result(backend, value, shape, x.dtype);
    }
    if (axis !== batchDims) {
      throw new CompileError(
        `compiled training: tf.gather with batchDims ${batchDims} along axis ${axis} cannot be compiled; transpose, so that the axis is the one after the batch`,
      );
    }
    // All batches one after another, and indices that count on.
    const count = x.shape[axis];
    const batches = x.shape.slice(0, batchDims);
    const batchCount = batches.reduce((product, side) => product * side, 1);
    const flat = graph.reshape(backend.value(x), [batchCount * count, ...x.shape.slice(axis + 1)]);
    const offsets = Int32Array.from({ length: batchCount }, (_, i) => i * count);
    const ones = indices.shape.slice(batchDims).map(() => 1);
    const first = graph.constant(offsets, [...batches, ...ones], 'int32').value;
    const counted = graph.add('Add', [backend.value(indices), first]);
    return result(backend, graph.add('Gather', [flat, counted], { axis: 0 }), shape, x.dtype);
  },
  UnsortedSegmentSum: ({
    backend,
    inputs: { x, segmentIds },
    attrs: { numSegments },
  }: KernelCall<tf.UnsortedSegmentSumAttrs>) => {
    const { graph } = backend;
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
    const count = tf.util.sizeFromShape(segmentIds.shape);
    const rows = graph.reshape(backend.value(x), [count, ...shape.slice(1)]);
    const ids = graph.add('Cast', [graph.reshape(backend.value(segmentIds), [count, 1])], {
      to: elementTypes.int64,
    });
    const zeros = graph.add('Expand', [graph.scalar(0, x.dtype), graph.integers(shape)]);
    const width = tf.util.sizeFromShape(shape.slice(1));
    const value = addedUp(graph, rows, ids, count, width, zeros);
    return result(backend, value, shape, x.dtype);
  },
  OneHot: ({
    backend,
    inputs: { indices },
    attrs: { depth, onValue, offValue, dtype },
  }: KernelCall<tf.OneHotAttrs>) => {
    const { graph } = backend;
    const places = graph.reshape(backend.value(indices), [...indices.shape, 1]);
    const columns = graph.constant(
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
      'int32',
    ).value;
    const isOn = graph.add('Equal', [places, columns]);
    const values = [onValue, offValue].map((value) => graph.scalar(value, dtype));
    return result(backend, choice(graph, isOn, values, dtype), [...indices.shape, depth], dtype);
  },
} as Kernels;

/**
 * The runtime adds rows in several threads without care for rows that go to the same place, and loses some. It does so only
 * where the work is worth a second thread, from about 100 000 numbers on: one node adds fewer.
 */
const NUMBERS_PER_NODE = 2 ** 16;

/** Adds rows to sums by their ids [count, 1]. @param width - Numbers in a row. */
function addedUp(
  graph: TracedGraph,
  rows: Value,
  ids: Value,
  count: number,
  width: number,
  zeros: Value,
): Value {
  const step = Math.max(1, Math.floor(NUMBERS_PER_NODE / width));
  let sums = zeros;
  for (let first = 0; first < count; first += step) {
    const range = [first, Math.min(first + step, count), 0].map((number) => graph.integers([number]));
    const [some, theirs] = [rows, ids].map((value) =>
      step >= count ? value : graph.add('Slice', [value, ...range]),
    );
    sums = graph.add('ScatterND', [sums, theirs, some], { reduction: 'add' });
  }
  return sums;
}
