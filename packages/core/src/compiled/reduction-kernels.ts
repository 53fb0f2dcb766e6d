import * as tf from '@tensorflow/tfjs';
import type { Value } from '../encoder/onnx-graph.js';
import { CompileError } from './compile-error.js';
import {
  cast,
  elementwise,
  type KernelCall,
  type Kernels,
  result,
  same,
  type TraceKernel,
} from './kernel.js';

interface AxisAttributes {
  readonly axis?: number | readonly number[];
  readonly reductionIndices?: number | readonly number[];
  readonly keepDims?: boolean;
}

export const reductionKernels: Kernels = {
  // In ONNX's opset 17 the sum takes its axes as an input, the others as an attribute.
  Sum: reduction((graph, x, axes, keepdims) =>
    graph.add('ReduceSum', [x, graph.integers(axes)], { keepdims }),
  ),
  Mean: (call) => {
    const { backend, inputs } = call;
    const { x } = inputs;
    if (x.dtype === 'float32') return mean(call);
    const real = elementwise(backend, [x], 'float32', (value) => cast(backend.graph, value, 'float32'));
    return mean({ ...call, inputs: { x: real } });
  },
  Max: reduction((graph, x, axes, keepdims) => graph.add('ReduceMax', [x], { axes, keepdims })),
  Min: reduction((graph, x, axes, keepdims) => graph.add('ReduceMin', [x], { axes, keepdims })),
  Prod: reduction((graph, x, axes, keepdims) => graph.add('ReduceProd', [x], { axes, keepdims })),
  All: reduction((graph, x, axes, keepdims) =>
    cast(graph, graph.add('ReduceMin', [cast(graph, x, 'int32')], { axes, keepdims }), 'bool'),
  ),
  Any: reduction((graph, x, axes, keepdims) =>
    cast(graph, graph.add('ReduceMax', [cast(graph, x, 'int32')], { axes, keepdims }), 'bool'),
  ),
  AvgPool: rowWindows('ReduceMean'),
  MaxPool: rowWindows('ReduceMax'),
  ArgMax: extreme('ArgMax'),
  ArgMin: extreme('ArgMin'),
  Softmax: ({ backend, inputs: { logits }, attrs: { dim } }: KernelCall<tf.SoftmaxAttrs>) => {
    const value = backend.graph.add('Softmax', [backend.value(logits)], { axis: dim });
    return result(backend, value, logits.shape, logits.dtype);
  },
  Cumsum: ({ backend, inputs: { x }, attrs: { axis, exclusive, reverse } }: KernelCall<tf.CumsumAttrs>) => {
    const { graph } = backend;
    const value = graph.add('CumSum', [backend.value(x), graph.scalar(axis, 'int32')], {
      exclusive: Number(exclusive),
      reverse: Number(reverse),
    });
    return result(backend, value, x.shape, x.dtype);
  },
} as Kernels;

type Graph = KernelCall['backend']['graph'];

const mean = reduction((graph, x, axes, keepdims) => graph.add('ReduceMean', [x], { axes, keepdims }));

function reduction(node: (graph: Graph, x: Value, axes: number[], keepdims: 0 | 1) => Value): TraceKernel {
  return (({ backend, inputs: { x }, attrs }: KernelCall<AxisAttributes>) => {
    const { axis = attrs.reductionIndices, keepDims } = attrs;
    const axes = tf.util.parseAxisParam(axis as number | number[], x.shape);
    if (axes.length === 0) return same(backend, backend.operand(x), x);
    const [reduced] = tf.backend_util.computeOutAndReduceShapes(
      x.shape,
      axes.toSorted((a, b) => a - b),
    );
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(reduced, axes) : reduced;
    return result(backend, node(backend.graph, backend.value(x), axes, keepDims ? 1 : 0), shape, x.dtype);
  }) as TraceKernel;
}

/** Pooling of successive windows of rows, which is a reduction; no other pooling is compiled. */
function rowWindows(operator: string): TraceKernel {
  return (({ backend, inputs: { x }, attrs }: KernelCall<tf.AvgPoolAttrs>) => {
    const { graph } = backend;
    const { filterHeight, filterWidth, strideHeight, padInfo, inHeight, inWidth, outShape } =
      tf.backend_util.computePool2DInfo(
        x.shape as [number, number, number, number],
        attrs.filterSize,
        attrs.strides,
        1,
        attrs.pad,
        attrs.dimRoundingMode,
      );
    const isWindows = filterWidth === 1 && inWidth === 1 && strideHeight === filterHeight;
    if (!isWindows || padInfo.type !== 'VALID' || inHeight % filterHeight !== 0) {
      throw new CompileError(
        'compiled training: pooling over more than successive rows cannot be compiled; pool rows in windows that follow each other, or compute it in batch',
      );
    }
    const folded = graph.reshape(backend.value(x), [-1, filterHeight, outShape[3]]);
    const reduced = graph.add(operator, [folded], { axes: [1], keepdims: 0 });
    return result(backend, graph.reshape(reduced, outShape), outShape, x.dtype);
  }) as TraceKernel;
}

function extreme(operator: string): TraceKernel {
  return (({ backend, inputs: { x }, attrs }: KernelCall<AxisAttributes>) => {
    const [axis] = tf.util.parseAxisParam(attrs.axis as number, x.shape);
    const value = backend.graph.add(operator, [backend.value(x)], { axis, keepdims: 0 });
    const shape = x.shape.filter((_, i) => i !== axis);
    return result(backend, cast(backend.graph, value, 'int32'), shape, 'int32');
  }) as TraceKernel;
}
