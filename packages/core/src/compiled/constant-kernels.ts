import type * as tf from '@tensorflow/tfjs';
import type { KernelCall, Kernels } from './kernel.js';

export const constantKernels: Kernels = {
  Fill: ({ backend, attrs: { shape, value, dtype } }: KernelCall<tf.FillAttrs>) =>
    backend.make(() => backend.graph.splat(Number(value), dtype), shape, dtype),
  ZerosLike: ({ backend, inputs: { x } }) =>
    backend.make(() => backend.graph.splat(0, x.dtype), x.shape, x.dtype),
  OnesLike: ({ backend, inputs: { x } }) =>
    backend.make(() => backend.graph.splat(1, x.dtype), x.shape, x.dtype),
  Range: ({ backend, attrs: { start, stop, step: given, dtype } }: KernelCall<tf.RangeAttrs>) => {
    // With its default step, 1, TensorFlow.js counts downwards where that is the way.
    const step = stop < start && given === 1 ? -1 : given;
    const length = Math.max(0, Math.ceil((stop - start) / step));
    return counted(backend, length, (i) => start + i * step, dtype);
  },
  LinSpace: ({ backend, attrs: { start, stop, num } }: KernelCall<tf.LinSpaceAttrs>) =>
    counted(backend, num, (i) => start + (i * (stop - start)) / Math.max(1, num - 1), 'float32'),
} as Kernels;

function counted(
  backend: KernelCall['backend'],
  length: number,
  at: (i: number) => number,
  dtype: 'float32' | 'int32',
): tf.TensorInfo {
  const numbers = Array.from({ length }, (_, i) => at(i));
  const values = dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
  return backend.make(() => backend.graph.constant(values, [length], dtype), [length], dtype);
}
