import type * as tf from '@tensorflow/tfjs';
import {
  broadcast,
  cast,
  choice,
  elementwise,
  type KernelCall,
  type Kernels,
  same,
  type TraceKernel,
} from './kernel.js';
import type { Operand } from './traced-graph.js';

/** Operations on one tensor that are an operator of their own. */
const unary: Kernels = Object.fromEntries(
  [
    'Abs',
    'Ceil',
    'Cos',
    'Elu',
    'Erf',
    'Floor',
    'Log',
    'Neg',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
    'Sigmoid',
    'Sign',
    'Sin',
    'Softplus',
    'Sqrt',
    'Tan',
    'Tanh',
  ].map((name): [string, TraceKernel] => [
    name,
    ({ backend, inputs: { x } }) => {
      return elementwise(backend, [x], x.dtype, (value) => backend.graph.add(name, [value]));
    },
  ]),
);

/** Operations on two tensors; the number in one of them that leaves the other as it is. */
const binary: Kernels = {
  Add: arithmetic('Add', { left: 0, right: 0 }),
  Sub: arithmetic('Sub', { right: 0 }),
  Multiply: arithmetic('Mul', { left: 1, right: 1 }),
  RealDiv: arithmetic('Div', { right: 1 }),
  Pow: arithmetic('Pow', {}),
  Maximum: arithmetic('Max', {}),
  Minimum: arithmetic('Min', {}),
  Prelu: ({ backend, inputs: { x, alpha } }) =>
    elementwise(backend, [x, alpha], x.dtype, (value, slope) => {
      // PRelu would want a slope that broadcasts to the value, of which less may be there than its shape says.
      const { graph } = backend;
      const isNegative = graph.add('Less', [value, graph.scalar(0, x.dtype)]);
      return graph.add('Where', [isNegative, graph.add('Mul', [slope, value]), value]);
    }),
  SquaredDifference: ({ backend, inputs: { a, b } }) =>
    elementwise(backend, [a, b], a.dtype, (...values) => {
      const difference = backend.graph.add('Sub', values);
      return backend.graph.add('Mul', [difference, difference]);
    }),
  FloorDiv: ({ backend, inputs: { a, b } }) =>
    // Whole numbers, of real ones too.
    elementwise(backend, [a, b], 'int32', (...values) => {
      const { graph } = backend;
      const [x, y] = values.map((value) => cast(graph, value, 'float32'));
      return cast(graph, graph.add('Floor', [graph.add('Div', [x, y])]), 'int32');
    }),
};

const comparisons: Kernels = {
  Equal: comparison('Equal'),
  NotEqual: comparison('Equal', true),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalNot: ({ backend, inputs: { x } }) =>
    elementwise(backend, [x], 'bool', (value) => backend.graph.add('Not', [value])),
  IsNan: ({ backend, inputs: { x } }) =>
    elementwise(backend, [x], 'bool', (value) => backend.graph.add('IsNaN', [value])),
  Select: ({ backend, inputs: { condition, t, e } }) =>
    elementwise(backend, [condition, t, e], t.dtype, (isFirst, ...values) =>
      choice(backend.graph, isFirst, values, t.dtype),
    ),
};

/** Operations that take several operators. */
const composed: Kernels = {
  Square: ({ backend, inputs: { x } }) =>
    elementwise(backend, [x], x.dtype, (value) => backend.graph.add('Mul', [value, value])),
  Rsqrt: ({ backend, inputs: { x } }) =>
    elementwise(backend, [x], x.dtype, (value) =>
      backend.graph.add('Reciprocal', [backend.graph.add('Sqrt', [value])]),
    ),
  Exp: ({ backend, inputs: { x } }) =>
    elementwise(backend, [x], 'float32', (value) => {
      const { graph } = backend;
      return graph.add('Exp', [x.dtype === 'float32' ? value : cast(graph, value, 'float32')]);
    }),
  // log(1 + x) and exp(x) − 1 without the digits that 1 takes away (Kahan): u − 1 is x with the same error as u.
  Log1p: ({ backend, inputs: { x } }) =>
    elementwise(backend, [x], x.dtype, (value) => {
      const { graph } = backend;
      const one = graph.scalar(1, x.dtype);
      const u = graph.add('Add', [value, one]);
      const ratio = graph.add('Div', [graph.add('Log', [u]), graph.add('Sub', [u, one])]);
      const corrected = graph.add('Mul', [value, ratio]);
      return graph.add('Where', [graph.add('Equal', [u, one]), value, corrected]);
    }),
  Expm1: ({ backend, inputs: { x } }) =>
    elementwise(backend, [x], x.dtype, (value) => {
      // 2 tanh(x/2) / (1 − tanh(x/2)) up to 1; above, it is 1 − tanh that runs out of digits, and exp(x) − 1 has them.
      const { graph } = backend;
      const one = graph.scalar(1, x.dtype);
      const t = graph.add('Tanh', [graph.add('Mul', [value, graph.scalar(0.5, x.dtype)])]);
      const double = graph.add('Mul', [t, graph.scalar(2, x.dtype)]);
      const small = graph.add('Div', [double, graph.add('Sub', [one, t])]);
      const large = graph.add('Sub', [graph.add('Exp', [value]), one]);
      return graph.add('Where', [graph.add('Greater', [value, one]), large, small]);
    }),
  Relu6: ({ backend, inputs: { x } }) => clipped(backend, x, 0, 6),
  ClipByValue: ({
    backend,
    inputs: { x },
    attrs: { clipValueMin, clipValueMax },
  }: KernelCall<tf.ClipByValueAttrs>) => clipped(backend, x, clipValueMin, clipValueMax),
  LeakyRelu: ({ backend, inputs: { x }, attrs: { alpha } }: KernelCall<tf.LeakyReluAttrs>) =>
    elementwise(backend, [x], x.dtype, (value) => {
      const scaled = backend.graph.add('Mul', [value, backend.graph.scalar(alpha, x.dtype)]);
      const isPositive = backend.graph.add('Greater', [value, backend.graph.scalar(0, x.dtype)]);
      return backend.graph.add('Where', [isPositive, value, scaled]);
    }),
  Step: ({ backend, inputs: { x }, attrs: { alpha } }: KernelCall<tf.StepAttrs>) =>
    elementwise(backend, [x], x.dtype, (value) => {
      const { graph } = backend;
      const isPositive = graph.add('Greater', [value, graph.scalar(0, x.dtype)]);
      if (alpha === 0) return cast(graph, isPositive, x.dtype);
      return graph.add('Where', [isPositive, graph.scalar(1, x.dtype), graph.scalar(alpha, x.dtype)]);
    }),
  EluGrad: ({ backend, inputs: { dy, y } }) =>
    elementwise(backend, [dy, y], y.dtype, (slope, value) => {
      const { graph } = backend;
      const falling = graph.add('Mul', [slope, graph.add('Add', [value, graph.scalar(1, y.dtype)])]);
      return graph.add('Where', [
        graph.add('GreaterOrEqual', [value, graph.scalar(0, y.dtype)]),
        slope,
        falling,
      ]);
    }),
  AddN: ({ backend, inputs }) => {
    const [first, ...others] = Object.values(inputs);
    return elementwise(backend, [first, ...others], first.dtype, (...values) =>
      values.reduce((sum, value) => backend.graph.add('Add', [sum, value])),
    );
  },
  Cast: ({ backend, inputs: { x }, attrs: { dtype } }: KernelCall<tf.CastAttrs>) => {
    if (dtype === x.dtype) return same(backend, backend.operand(x), x);
    return elementwise(backend, [x], dtype, (value) => cast(backend.graph, value, dtype));
  },
};

export const elementwiseKernels: Kernels = { ...unary, ...binary, ...comparisons, ...composed } as Kernels;

function arithmetic(
  operator: string,
  neutral: { readonly left?: number; readonly right?: number },
): TraceKernel {
  return ({ backend, inputs: { a, b } }) => {
    const [left, right] = [backend.operand(a), backend.operand(b)];
    const isNeutral = ({ splat }: Operand, number?: number) => splat !== undefined && splat === number;
    const kept = isNeutral(right, neutral.right) ? left : isNeutral(left, neutral.left) ? right : undefined;
    // Half of a backward pass are such products and sums, there for their shape alone.
    if (kept && a.dtype === b.dtype)
      return same(backend, kept, { shape: broadcast([a.shape, b.shape]), dtype: a.dtype });
    return elementwise(backend, [a, b], a.dtype, (...values) => backend.graph.add(operator, values));
  };
}

function comparison(operator: string, isNegated = false): TraceKernel {
  return ({ backend, inputs: { a, b } }) =>
    elementwise(backend, [a, b], 'bool', (...values) => {
      const { graph } = backend;
      // The runtime orders no truth values.
      const numbers = a.dtype === 'bool' ? values.map((value) => cast(graph, value, 'int32')) : values;
      const value = graph.add(operator, numbers);
      return isNegated ? graph.add('Not', [value]) : value;
    });
}

function logical(operator: string): TraceKernel {
  return ({ backend, inputs: { a, b } }) =>
    elementwise(backend, [a, b], 'bool', (...values) => backend.graph.add(operator, values));
}

function clipped(
  backend: KernelCall['backend'],
  x: tf.TensorInfo,
  least: number,
  most: number,
): tf.TensorInfo {
  const limits = [least, most].map((limit) => backend.graph.scalar(limit, x.dtype));
  return elementwise(backend, [x], x.dtype, (value) => backend.graph.add('Clip', [value, ...limits]));
}
