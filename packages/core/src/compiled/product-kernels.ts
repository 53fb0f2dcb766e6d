import type * as tf from '@tensorflow/tfjs';
import type { Value } from '../encoder/onnx-graph.js';
import { elementwiseKernels } from './elementwise-kernels.js';
import { broadcast, type KernelCall, type Kernels, result } from './kernel.js';

type Transposes = Pick<tf.BatchMatMulAttrs, 'transposeA' | 'transposeB'>;

export const productKernels: Kernels = {
  BatchMatMul: ({ backend, inputs: { a, b }, attrs }: KernelCall<tf.BatchMatMulAttrs>) =>
    matMul(backend, a, b, attrs),
  _FusedMatMul: ({ backend, inputs, attrs }: KernelCall<tf._FusedMatMulAttrs>) => {
    const { a, b, bias, preluActivationWeights: alpha } = inputs;
    let x = matMul(backend, a, b, attrs);
    const then = (name: string, others: Record<string, tf.TensorInfo>, more: object = {}) => {
      x = elementwiseKernels[name]({ backend, inputs: others, attrs: more as never }) as tf.TensorInfo;
    };
    if (bias) then('Add', { a: x, b: bias });
    const { activation, leakyreluAlpha } = attrs;
    if (activation === 'prelu') then('Prelu', { x, alpha });
    else if (activation && activation !== 'linear')
      then(activations[activation], { x }, { alpha: leakyreluAlpha });
    return x;
  },
} as Kernels;

const activations = { relu: 'Relu', relu6: 'Relu6', elu: 'Elu', sigmoid: 'Sigmoid', leakyrelu: 'LeakyRelu' };

function matMul(
  backend: KernelCall['backend'],
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA, transposeB }: Transposes,
): tf.TensorInfo {
  const [rows] = a.shape.slice(transposeA ? -1 : -2);
  const [columns] = b.shape.slice(transposeB ? -2 : -1);
  const batch = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const values = [backend.value(a), backend.value(b)] as const;
  const rank = Math.max(a.shape.length, b.shape.length);
  return result(
    backend,
    product(backend.graph, values, rank, { transposeA, transposeB }),
    [...batch, rows, columns],
    a.dtype,
  );
}

function product(
  graph: KernelCall['backend']['graph'],
  values: readonly [Value, Value],
  rank: number,
  { transposeA, transposeB }: Transposes,
): Value {
  if (!transposeA && !transposeB) return graph.add('MatMul', values);
  const [transA, transB] = [Number(transposeA), Number(transposeB)];
  return rank === 2
    ? graph.add('Gemm', values, { transA, transB })
    : graph.add('FusedMatMul', values, { transA, transB }, { domain: 'com.microsoft' });
}
