import type * as tf from '@tensorflow/tfjs';
import { CompileError } from './compile-error.js';
import { type KernelCall, type Kernels, result } from './kernel.js';

export const gatherKernels: Kernels = {
  GatherV2: ({
    backend,
    inputs: { x, indices },
    attrs: { axis, batchDims },
  }: KernelCall<tf.GatherV2Attrs>) => {
    const { graph } = backend;
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
    const zeros = graph.add('Expand', [graph.scalar(0, x.dtype), graph.integers(shape)]);
    const places = graph.integers([...segmentIds.shape, 1]);
    const indices = graph.add('Cast', [graph.add('Reshape', [backend.value(segmentIds), places])], {
      to: INT64,
    });
    const value = graph.add('ScatterND', [zeros, indices, backend.value(x)], { reduction: 'add' });
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
    return result(backend, graph.add('Where', [isOn, ...values]), [...indices.shape, depth], dtype);
  },
} as Kernels;

/** ONNX's number for the type of indices. */
const INT64 = 7;
