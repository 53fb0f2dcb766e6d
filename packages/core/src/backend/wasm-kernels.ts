import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { filterGradient, maxPoolGradient } from './wasm-convolution.js';
import { onCpu } from './wasm-fallback.js';
import { correctGather, segmentSum } from './wasm-gather.js';
import type { WasmBackend } from './wasm-heap.js';
import { fastMatMul } from './wasm-matmul.js';
import { accurateReduction } from './wasm-reductions.js';

const repaired = new WeakSet<KernelFunc>();

/**
 * Makes the wasm backend of TensorFlow.js 4.22 complete, right and fast for what this library does: adds the
 * kernels that training lacks, replaces those that are wrong without an error, and brings batched and transposed
 * matrix products to the fast path. Kernels are global to TensorFlow.js, so this changes every later use of the
 * wasm backend in the application (same results where they were right). A second call changes nothing.
 */
export function repairWasmKernels(): void {
  const matMul = replace('BatchMatMul', fastMatMul);
  replace('_FusedMatMul', (plain) => correctFusedMatMul(plain, matMul));
  replace('Sum', (plain) => accurateReduction(plain, false));
  replace('Mean', (plain) => accurateReduction(plain, true));
  replace('GatherV2', correctGather);
  replace('MaxPoolGrad', () => maxPoolGradient);
  add('UnsortedSegmentSum', segmentSum);
  add('Conv2DBackpropFilter', filterGradient(matMul));
  for (const name of wrongOnWasm) replace(name, () => onCpu(name));
  for (const name of missingOnWasm) add(name, onCpu(name));
}

/** Wrong without an error: running maxima that start at the smallest positive number, and a gradient of order 1 off. */
const wrongOnWasm = [
  'MaxPool3D',
  'MaxPool3DGrad',
  'MaxPoolWithArgmax',
  'Dilation2D',
  'Dilation2DBackpropInput',
  'Dilation2DBackpropFilter',
  'Conv3DBackpropInputV2',
];
const missingOnWasm = ['Einsum', 'DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'];

function replace(kernelName: string, repair: (plain: KernelFunc) => KernelFunc): KernelFunc {
  const plain = kernel(kernelName);
  if (repaired.has(plain.kernelFunc)) return plain.kernelFunc;
  const kernelFunc = repair(plain.kernelFunc);
  repaired.add(kernelFunc);
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...plain, kernelFunc });
  return kernelFunc;
}

function add(kernelName: string, kernelFunc: KernelFunc): void {
  if (tf.getKernel(kernelName, 'wasm')) return;
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

function kernel(name: string): tf.KernelConfig {
  const config = tf.getKernel(name, 'wasm');
  if (!config) throw new Error(`the wasm backend has no ${name} kernel; this is not TensorFlow.js 4.22`);
  return config;
}

interface FusedMatMulArguments {
  readonly inputs: Readonly<Record<'a' | 'b' | 'bias' | 'preluActivationWeights', TensorInfo>>;
  readonly backend: WasmBackend;
  readonly attrs: {
    readonly transposeA: boolean;
    readonly transposeB: boolean;
    readonly activation?: keyof typeof activationKernels;
    readonly leakyreluAlpha?: number;
  };
}

const activationKernels = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  prelu: 'Prelu',
  leakyrelu: 'LeakyRelu',
};

/** `tf.fused.matMul` adds its bias to the wrong columns when an operand is batched or transposed: do it in steps. */
function correctFusedMatMul(plainFused: KernelFunc, matMul: KernelFunc): KernelFunc {
  return ((args: FusedMatMulArguments): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const isPlain =
      !attrs.transposeA &&
      !attrs.transposeB &&
      [inputs.a, inputs.b].every(({ shape }) => shape.slice(0, -2).every((side) => side === 1));
    if (isPlain) return plainFused(args as never) as TensorInfo;

    let result = matMul({ inputs: { a: inputs.a, b: inputs.b }, backend, attrs } as never) as TensorInfo;
    const then = (name: string, others: Record<string, TensorInfo>, input: string, more = {}): void => {
      const next = kernel(name).kernelFunc({
        inputs: { ...others, [input]: result },
        backend,
        attrs: more,
      } as never);
      backend.disposeData(result.dataId);
      result = next as TensorInfo;
    };
    if (inputs.bias) then('Add', { b: inputs.bias }, 'a');
    const { activation } = attrs;
    if (activation === 'prelu') then('Prelu', { alpha: inputs.preluActivationWeights }, 'x');
    else if (activation === 'leakyrelu') then('LeakyRelu', {}, 'x', { alpha: attrs.leakyreluAlpha });
    else if (activation && activation in activationKernels) then(activationKernels[activation], {}, 'x');
    return result;
  }) as unknown as KernelFunc;
}
