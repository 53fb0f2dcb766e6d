import type { KernelFunc, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { BackendError } from './backend-error.js';
import type { WasmBackend } from './wasm-heap.js';

/** The part of TensorFlow.js's cpu backend that is used. */
interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: string, values: ArrayBufferView): TensorInfo;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  disposeData(dataId: object): boolean;
}

interface Arguments {
  readonly inputs: NamedTensorInfoMap;
  readonly backend: WasmBackend;
  readonly attrs: object;
}

/** A kernel of the cpu backend for tensors of the wasm backend: right and slow. For what is seldom used. */
export function onCpu(kernelName: string): KernelFunc {
  return (({ inputs, backend, attrs }: Arguments): TensorInfo | TensorInfo[] => {
    const kernel = tf.getKernel(kernelName, 'cpu');
    const cpu = tf.findBackend('cpu') as unknown as CpuBackend | null;
    if (!kernel || !cpu) {
      throw new BackendError(`${kernelName} on wasm needs @tensorflow/tfjs-backend-cpu: import it too`);
    }
    const moved: Record<string, TensorInfo & { rank: number }> = {};
    for (const [name, tensor] of Object.entries(inputs as Record<string, TensorInfo>)) {
      const values = backend.typedArrayFromHeap(tensor).slice();
      // Some kernels read a tensor's rank, which the bare description of one lacks.
      moved[name] = { ...cpu.makeTensorInfo(tensor.shape, tensor.dtype, values), rank: tensor.shape.length };
    }
    const results = kernel.kernelFunc({
      inputs: Array.isArray(inputs) ? Object.values(moved) : moved,
      backend: cpu,
      attrs,
    } as never) as TensorInfo | TensorInfo[];
    const back = [results].flat().map((result) => {
      const out = backend.makeOutput(result.shape, result.dtype === 'int32' ? 'int32' : 'float32');
      backend.typedArrayFromHeap(out).set(cpu.readSync(result.dataId));
      cpu.disposeData(result.dataId);
      return out;
    });
    for (const { dataId } of Object.values(moved)) cpu.disposeData(dataId);
    return Array.isArray(results) ? back : back[0];
  }) as unknown as KernelFunc;
}
