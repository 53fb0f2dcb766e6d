import type { TensorInfo } from '@tensorflow/tfjs';

/** The part of TensorFlow.js's wasm backend that kernels written in JavaScript use. */
export interface WasmBackend {
  makeOutput(shape: number[], dtype: 'float32' | 'int32'): TensorInfo;
  /** A view of the heap, void as soon as anything is allocated: the heap may move when it grows. */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array | Uint8Array;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
}

/** Values of a float32 tensor on the heap. Take it after the last allocation, never keep it across one. */
export function floats(backend: WasmBackend, tensor: TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

/** Values of an int32 tensor on the heap, under the same rule as {@link floats}. */
export function integers(backend: WasmBackend, tensor: TensorInfo): Int32Array {
  return backend.typedArrayFromHeap(tensor) as Int32Array;
}

/** The same data under another shape, with a reference of its own: dispose it like any other. */
export function reshaped(backend: WasmBackend, tensor: TensorInfo, shape: number[]): TensorInfo {
  backend.incRef(tensor.dataId);
  return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
}

export function size(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
