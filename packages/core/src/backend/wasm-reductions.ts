import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import { floats, size, type WasmBackend } from './wasm-heap.js';

interface ReductionArguments {
  readonly inputs: { readonly x: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: { readonly axis: number | number[] | undefined; readonly keepDims: boolean };
}

/** Elements that one float32 accumulator of the engine's kernel adds with an error below 1e-6 of the sum. */
const EXACT_ENOUGH = 4096;

/**
 * Sum or mean with float64 accumulators. The wasm backend adds into one float32: the mean of four million values
 * of 0.1 comes out as 0.096. Short rows keep the engine's faster kernel.
 */
export function accurateReduction(plainReduction: KernelFunc, isMean: boolean): KernelFunc {
  return ((args: ReductionArguments): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const { x } = inputs;
    const rank = x.shape.length;
    const given = attrs.axis === undefined || attrs.axis === null ? [...x.shape.keys()] : [attrs.axis].flat();
    const axes = new Set(given.map((axis) => (axis < 0 ? axis + rank : axis)));
    const kept = x.shape.filter((_, axis) => !axes.has(axis));
    const count = size(x.shape) / Math.max(1, size(kept));
    if (x.dtype !== 'float32' || count <= EXACT_ENOUGH) return plainReduction(args as never) as TensorInfo;

    const totals = new Float64Array(size(kept));
    addInto(totals, floats(backend, x), x.shape, axes);
    if (isMean) for (let i = 0; i < totals.length; i++) totals[i] /= count;
    const shape = attrs.keepDims ? x.shape.map((side, axis) => (axes.has(axis) ? 1 : side)) : kept;
    const out = backend.makeOutput(shape, 'float32');
    floats(backend, out).set(totals);
    return out;
  }) as unknown as KernelFunc;
}

/** Adds every element to the total of its kept coordinates, in memory order. */
function addInto(
  totals: Float64Array,
  values: Float32Array,
  shape: readonly number[],
  axes: ReadonlySet<number>,
): void {
  // Stride of every axis in `totals`; reduced axes do not move.
  const strides = new Array<number>(shape.length).fill(0);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    if (axes.has(axis)) continue;
    strides[axis] = stride;
    stride *= shape[axis];
  }
  const visit = (axis: number, from: number, to: number): number => {
    const [side, stride] = [shape[axis], strides[axis]];
    let next = from;
    if (axis < shape.length - 1) {
      for (let i = 0; i < side; i++) next = visit(axis + 1, next, to + i * stride);
      return next;
    }
    if (stride === 0) {
      let total = 0;
      for (let i = 0; i < side; i++) total += values[next++];
      totals[to] += total;
    } else {
      for (let i = 0; i < side; i++) totals[to + i] += values[next++];
    }
    return next;
  };
  if (shape.length === 0) totals[0] = values[0];
  else visit(0, 0, 0);
}
