import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import { floats, integers, size, type WasmBackend } from './wasm-heap.js';

interface SegmentSumArguments {
  readonly inputs: { readonly x: TensorInfo; readonly segmentIds: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: { readonly numSegments: number };
}

/** `UnsortedSegmentSum`, the gradient of `tf.gather`, which the wasm backend lacks. Negative ids are dropped. */
export const segmentSum = ((args: SegmentSumArguments): TensorInfo => {
  const { inputs, backend, attrs } = args;
  const { x, segmentIds } = inputs;
  const inner = x.shape.slice(segmentIds.shape.length);
  const width = size(inner);
  const out = backend.makeOutput([attrs.numSegments, ...inner], x.dtype === 'int32' ? 'int32' : 'float32');
  const ids = integers(backend, segmentIds);
  const from = floats(backend, x);
  const to = floats(backend, out).fill(0);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id < 0 || id >= attrs.numSegments) continue;
    for (let i = 0; i < width; i++) to[id * width + i] += from[row * width + i];
  }
  return out;
}) as unknown as KernelFunc;

interface GatherArguments {
  readonly inputs: { readonly x: TensorInfo; readonly indices: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: { readonly axis: number; readonly batchDims: number };
}

/** `tf.gather` with batch dimensions, where the wasm kernel is right for the first batch entry only. */
export function correctGather(plainGather: KernelFunc): KernelFunc {
  return ((args: GatherArguments): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const { x, indices } = inputs;
    const batchDims = attrs.batchDims < 0 ? attrs.batchDims + indices.shape.length : attrs.batchDims;
    const axis = attrs.axis < 0 ? attrs.axis + x.shape.length : attrs.axis;
    if (batchDims === 0) return plainGather(args as never) as TensorInfo;

    const batches = size(x.shape.slice(0, batchDims));
    const outer = size(x.shape.slice(batchDims, axis));
    const side = x.shape[axis];
    const inner = size(x.shape.slice(axis + 1));
    const picks = size(indices.shape.slice(batchDims));
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    const out = backend.makeOutput(shape, x.dtype === 'int32' ? 'int32' : 'float32');
    const [from, to, chosen] = [floats(backend, x), floats(backend, out), integers(backend, indices)];
    let next = 0;
    for (let batch = 0; batch < batches; batch++) {
      for (let o = 0; o < outer; o++) {
        for (let pick = 0; pick < picks; pick++) {
          const index = chosen[batch * picks + pick];
          if (index < 0 || index >= side) {
            throw new RangeError(`gather: index ${index} is outside 0…${side - 1} of axis ${axis}`);
          }
          const start = ((batch * outer + o) * side + index) * inner;
          to.set(from.subarray(start, start + inner), next);
          next += inner;
        }
      }
    }
    return out;
  }) as unknown as KernelFunc;
}
