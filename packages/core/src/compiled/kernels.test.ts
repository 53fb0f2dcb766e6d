import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OnnxRuntime } from '../encoder/onnx-runtime.js';
import { startBackend } from '../testing/backends.fixture.js';
import { ModelState } from '../training/index.js';
import { kernels } from './kernels.js';
import { StepProgram } from './step-program.js';
import { trace } from './trace-backend.js';

type Tensors = readonly tf.Tensor[];
type Compute = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
type Row = readonly [compute: Compute, ...inputs: Input[]];

/** What a kernel is given; all ones is a legitimate value of each, indices too. */
interface Input {
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: readonly number[];
}

/** By kernel, operations of TensorFlow.js that come to it. */
const table: Readonly<Record<string, readonly Row[]>> = {
  Fill: [
    [() => tf.fill([2, 3], 1.5)],
    [() => [tf.fill([2], 3, 'int32'), tf.fill([], 1, 'bool'), tf.zeros([2, 0])]],
  ],
  ZerosLike: [[(x, y) => [tf.zerosLike(x), tf.zerosLike(y)], float(2, 3), int(2)]],
  OnesLike: [[(x, y) => [tf.onesLike(x), tf.onesLike(y)], float(2, 3), bool(2)]],
  Range: [
    [() => [tf.range(0, 5), tf.range(2, -1, -0.5), tf.range(1, 8, 3, 'int32'), tf.range(4, 3, 1)]],
    [(x) => tf.add(x, tf.range(0, 3)), float(2, 3)],
  ],
  LinSpace: [[() => [tf.linspace(-1, 2, 5), tf.linspace(3, 1, 2), tf.linspace(4, 9, 1)]]],

  Abs: [...unary(tf.abs), [tf.abs, int(5)]],
  Ceil: unary(tf.ceil),
  Cos: unary(tf.cos),
  Elu: unary(tf.elu),
  Erf: unary(tf.erf),
  Exp: [...unary(tf.exp), [tf.exp, int(5)]],
  Floor: unary(tf.floor),
  Log: unary(tf.log, positive),
  Neg: [...unary(tf.neg), [tf.neg, int(5)]],
  Reciprocal: unary(tf.reciprocal, positive),
  Relu: [...unary(tf.relu), [tf.relu, int(5)]],
  Round: [...unary(tf.round), [tf.round, floats(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)]],
  Selu: unary(tf.selu),
  Sigmoid: [...unary(tf.sigmoid), [tf.sigmoid, floats(-100, -20, 20, 100)]],
  Sign: [...unary(tf.sign), [tf.sign, int(8)]],
  Sin: unary(tf.sin),
  Softplus: [...unary(tf.softplus), [tf.softplus, floats(-100, -20, -15, 15, 20, 100)]],
  Sqrt: unary(tf.sqrt, positive),
  Tan: unary(tf.tan),
  Tanh: [...unary(tf.tanh), [tf.tanh, floats(-20, 20)]],
  Square: [...unary(tf.square), [tf.square, int(5)]],
  Rsqrt: unary(tf.rsqrt, positive),
  Log1p: [...unary(tf.log1p, positive), [tf.log1p, floats(-0.99, -1e-3, -1e-8, 1e-8, 1e-6, 1e-3, 1e6)]],
  Expm1: [...unary(tf.expm1), [tf.expm1, floats(-90, -5, -1e-3, -1e-8, 1e-8, 1e-3, 0.7, 5, 10, 20, 80)]],
  Relu6: [...unary(tf.relu6), [tf.relu6, floats(5, 6, 7)], [tf.relu6, int(8)]],
  ClipByValue: [
    [(x) => tf.clipByValue(x, -0.7, 1.3), float(2, 3)],
    [(x) => tf.clipByValue(x, -2, 3), int(8)],
  ],
  LeakyRelu: [
    [(x) => tf.leakyRelu(x), float(2, 3)],
    [(x) => tf.leakyRelu(x, 0.5), float(2, 3)],
  ],
  Step: [
    [(x) => tf.step(x), float(3, 3)],
    [(x) => tf.step(x, 0.25), float(3, 3)],
  ],
  EluGrad: [[(x, dy) => tf.grad((y) => tf.elu(y))(x, dy), float(3, 3), float(3, 3)]],

  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Multiply: binary(tf.mul),
  RealDiv: [[tf.div, float(2, 3), positive(3)], ...neutral(tf.div, 1), [tf.div, float(2, 1), positive(1, 3)]],
  FloorDiv: [
    [tf.floorDiv, float(2, 3), positive(3)],
    [tf.div, int(8), ints(2, -2, 3, -3, 5, -5, 7, 1)],
  ],
  Pow: [
    [tf.pow, positive(2, 3), float(3)],
    [tf.pow, float(3, 3), ints(0, 1, 2)],
    [tf.pow, int(2, 3), ints(0, 2, 3)],
    [(x) => tf.pow(x, 2), float(3, 3)],
  ],
  Maximum: binary(tf.maximum),
  Minimum: binary(tf.minimum),
  Prelu: [
    [(x, alpha) => tf.prelu(x, alpha), float(2, 3), float(3)],
    [(x, alpha) => tf.prelu(x, alpha), float(2, 3), float(2, 3)],
  ],
  SquaredDifference: binary(tf.squaredDifference),
  AddN: [
    [(...tensors) => tf.addN(tensors), float(2, 3), positive(2, 3), float(2, 3)],
    [(x) => tf.addN([x]), float(2)],
    [(...tensors) => tf.addN(tensors), int(4), int(4)],
  ],
  Equal: comparison(tf.equal),
  NotEqual: comparison(tf.notEqual),
  Greater: comparison(tf.greater),
  GreaterEqual: comparison(tf.greaterEqual),
  Less: comparison(tf.less),
  LessEqual: comparison(tf.lessEqual),
  LogicalAnd: logical(tf.logicalAnd),
  LogicalOr: logical(tf.logicalOr),
  LogicalNot: [[tf.logicalNot, bool(2, 3)]],
  IsNan: [[(x) => tf.isNaN(tf.sqrt(x)), float(3, 3)]],
  Select: [
    [tf.where, bool(2, 3), float(2, 3), positive(2, 3)],
    [tf.where, bool(3), float(2, 3), positive(1)],
    [tf.where, bool(2, 1), int(3), int(2, 3)],
    [tf.where, bool(4), bool(4), bool(1)],
  ],
  Cast: (['float32', 'int32', 'bool'] as const).map(
    (dtype): Row => [
      (...tensors) => tensors.map((tensor) => tf.cast(tensor, dtype)),
      float(3, 3),
      int(8),
      bool(5),
    ],
  ),

  Sum: [...reduction(tf.sum), ...reduction(tf.sum, int), [(x) => tf.sum(x), bool(5)]],
  Mean: [...reduction(tf.mean), [(x) => tf.mean(x, 1), int(2, 3)]],
  Max: [...reduction(tf.max), ...reduction(tf.max, int)],
  Min: [...reduction(tf.min), ...reduction(tf.min, int)],
  Prod: [...reduction(tf.prod), ...reduction(tf.prod, int)],
  All: reduction(tf.all, bool),
  Any: reduction(tf.any, bool),
  ArgMax: extreme(tf.argMax),
  ArgMin: extreme(tf.argMin),
  AvgPool: pooling(tf.avgPool),
  MaxPool: pooling(tf.maxPool),
  Softmax: [
    [(x) => tf.softmax(x), float(2, 3)],
    [(x) => tf.softmax(tf.mul(x, 100), -1), float(2, 3, 4)],
    [(x) => tf.softmax(x), float(4)],
  ],
  Cumsum: [
    [(x) => [tf.cumsum(x), tf.cumsum(x, 1, true), tf.cumsum(x, 2, false, true)], float(2, 3, 4)],
    [(x) => tf.cumsum(x, 1, true, true), float(2, 3)], // the cpu takes no negative axis here
    [(x) => tf.cumsum(x), int(6)],
  ],

  Identity: [[(x) => tf.clone(x), float(2, 3)]],
  Reshape: [
    [(x) => [tf.reshape(x, [3, 2]), tf.reshape(x, [-1]), tf.reshape(x, [1, 2, -1, 1])], float(2, 3)],
    [(x) => [tf.reshape(x, []), tf.reshape(x, [1, 1])], float(1)],
    [(x) => tf.reshape(x, [2, 2]), bool(4)],
    [(x) => tf.reshape(tf.slice(x, 0, 0), [0, 5]), float(3)],
  ],
  ExpandDims: [
    [(x) => [tf.expandDims(x), tf.expandDims(x, 1), tf.expandDims(x, -1), tf.expandDims(x, -2)], float(2, 3)],
    [(x) => tf.expandDims(x), int()],
  ],
  Transpose: [
    [(x) => [tf.transpose(x), tf.transpose(x, [1, 2, 0]), tf.transpose(x, [0, 2, 1])], float(2, 3, 4)],
    [(x) => tf.transpose(x), int(2, 3)],
  ],
  Tile: [
    [(x) => [tf.tile(x, [2, 3]), tf.tile(x, [1, 2]), tf.tile(x, [2, 1])], float(2, 3)],
    [(x) => tf.tile(x, [4, 1]), float(1, 3)],
    [(x) => tf.tile(x, [1, 3]), int(2, 1)],
    [(x) => tf.tile(x, [2]), bool(3)],
  ],
  Slice: [
    [(x) => [tf.slice(x, [0, 1]), tf.slice(x, [1, 0], [1, -1]), tf.slice(x, 1, 1)], float(3, 4)],
    [(x) => [tf.slice(x, [0, 0, 1], [2, 3, 2]), tf.slice(x, [0], [2])], float(2, 3, 4)],
    [(x) => tf.slice(x, 2, 3), int(6)],
  ],
  StridedSlice: [
    [(x) => tf.stridedSlice(x, [0, 1], [3, 4], [2, 2]), float(3, 4)],
    [(x) => tf.stridedSlice(x, [2, -1], [0, 0], [-1, -2]), float(3, 4)],
    [(x) => tf.stridedSlice(x, [2, 0], [0, 4], [-1, 1], 1, 1), float(3, 4)],
    [(x) => tf.stridedSlice(x, [1, 0], [2, 4], [1, 1], 0, 0, 0, 0, 1), float(3, 4)],
    [(x) => tf.stridedSlice(x, [-3], [-1], [1]), int(6)],
    [(x) => tf.stridedSlice(x, [-1], [-9], [-1]), int(6)],
  ],
  Reverse: [
    [(x) => [tf.reverse(x), tf.reverse(x, 1), tf.reverse(x, -1), tf.reverse(x, [0, 2])], float(2, 3, 4)],
    [(x) => tf.reverse(x), int(5)],
  ],
  SplitV: [
    [(x) => [...tf.split(x, 2, 1), ...tf.split(x, [1, 3], -1), ...tf.split(x, [2, -1, 1], 1)], float(2, 4)],
    [(x) => tf.split(x, 3), int(6)],
  ],
  Unpack: [
    [(x) => [...tf.unstack(x), ...tf.unstack(x, 1), ...tf.unstack(x, -1)], float(2, 3, 2)],
    [(x) => tf.unstack(x), int(3)],
  ],
  Concat: [
    [(x, y) => [tf.concat([x, y, x]), tf.concat([x, y], -2)], float(2, 3), positive(1, 3)],
    [(x, y) => [tf.concat([x, y], 1), tf.concat([x, y], -1)], float(2, 3), positive(2, 2)],
    [(x, y) => tf.concat([x, y]), int(3), int(2)],
  ],
  Pack: [
    [(x, y) => [tf.stack([x, y]), tf.stack([x, y], 1), tf.stack([x, y], -1)], float(2, 3), positive(2, 3)],
    [(x, y) => tf.stack([x, y]), float(), positive()],
    [(x) => tf.stack([x, x]), bool(3)],
  ],
  PadV2: [
    [
      (x) =>
        tf.pad(x, [
          [1, 2],
          [0, 1],
        ]),
      float(2, 3),
    ],
    [(x) => tf.pad(x, [[0, 3]], -7.5), float(2)],
    [(x) => tf.pad(x, [[1, 0]], 4), int(3)],
  ],

  BatchMatMul: [
    ...products([2, 3], [3, 4]),
    ...products([2, 2, 3], [2, 3, 4]),
    ...products([1, 2, 3], [5, 3, 4]),
    ...products([2, 2, 2, 3], [2, 2, 3, 4]),
    ...products([2, 3], [5, 3, 4]),
    ...products([5, 2, 3], [3, 4]),
    [(a, b) => tf.matMul(a, b), int(2, 3), int(3, 4)],
  ],
  _FusedMatMul: [
    [(a, b) => tf.fused.matMul({ a, b }), float(2, 3), float(3, 4)],
    [(a, b) => tf.fused.matMul({ a, b, transposeA: true, transposeB: true }), float(3, 2), float(4, 3)],
    [(a, b, bias) => tf.fused.matMul({ a, b, bias }), float(2, 2, 3), float(2, 3, 4), float(4)],
    ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map(
      (activation): Row => [
        (a, b, bias) => tf.fused.matMul({ a, b, bias, activation, leakyreluAlpha: 0.3 }),
        float(3, 3),
        float(3, 4),
        float(4),
      ],
    ),
    [
      (a, b, alpha) => tf.fused.matMul({ a, b, activation: 'prelu', preluActivationWeights: alpha }),
      float(3, 3),
      float(3, 4),
      positive(4),
    ],
  ],

  GatherV2: [
    [(x, i) => [tf.gather(x, i), tf.gather(x, i, 1), tf.gather(x, i, -1)], float(3, 4), ints(2, 0, 2, 1)],
    [(x, i) => [tf.gather(x, i), tf.gather(x, i, -2)], float(3, 2, 4), shaped([2, 2], ints(1, 0, 1, 1))],
    [(x, i) => tf.gather(x, i, 1, 1), float(2, 3, 4), shaped([2, 2], ints(2, 0, 1, 1))],
    [(x, i) => tf.gather(x, i, -2, -1), float(2, 3, 4), shaped([2, 2], ints(2, 0, 1, 1))],
    [(x, i) => tf.gather(x, i, 2, 2), int(2, 2, 3), shaped([2, 2, 1], ints(2, 0, 1, 1))],
    [(x, i) => tf.gather(x, i), bool(3), ints(2, 0)],
  ],
  UnsortedSegmentSum: [
    [(x, i) => tf.unsortedSegmentSum(x, i as tf.Tensor1D, 4), float(5), ints(1, 0, 1, 3, 1)],
    [(x, i) => tf.unsortedSegmentSum(x, i as tf.Tensor1D, 3), float(4, 2, 3), ints(1, 0, 1, 1)],
  ],
  OneHot: [
    [(i) => tf.oneHot(i, 4), ints(2, 0, 3, -1, 4)],
    [(i) => tf.oneHot(i, 3, 0.9, 0.1, 'float32'), shaped([2, 2], ints(2, 0, 1, 1))],
    [(i) => tf.oneHot(i, 3, 1, 0, 'bool'), ints(2, 0)],
  ],
};

beforeAll(async () => {
  await startBackend('cpu');
  trace(() => {}); // registers the kernels
});

afterEach(() => vi.restoreAllMocks());

test('the table has rows for every compiled kernel, and for no other', () => {
  expect(Object.keys(table).toSorted()).toEqual(Object.keys(kernels).toSorted());
});

/** Tensors that are there in full, that repeat their first part, and whose elements are one number: the graph has a way with each. */
const forms: Readonly<Record<string, (tensor: tf.Tensor) => tf.Tensor>> = {
  plain: (tensor) => tensor,
  repeating: (tensor) => {
    const { shape, rank } = tensor;
    if (rank === 0) return tensor;
    return tf.tile(tf.slice(tensor, 0, 1), [shape[0], ...new Array<number>(rank - 1).fill(1)]);
  },
  ones: (tensor) => tf.onesLike(tensor),
};

describe.each(Object.keys(kernels))('%s, compiled, gives what it gives on the cpu', (name) => {
  test.each(Object.keys(forms))('with inputs that are %s', async (form) => {
    const rows = (table[name] ?? []).map(([compute, ...inputs]): Row => {
      return [(...tensors) => compute(...tensors.map(forms[form])), ...inputs];
    });
    const inputs = rows.map(([, ...inputs]) =>
      inputs.map(({ values, shape, dtype }) => tf.tensor([...values], shape, dtype)),
    );
    const expected = rows.map(([compute], row) => tf.tidy(() => list(compute(...inputs[row]))));
    const actual = await compiled(name, rows, inputs);
    for (const [row, tensors] of expected.entries()) {
      expect(actual[row]).toHaveLength(tensors.length);
      for (const [i, tensor] of tensors.entries()) {
        const { shape, dtype, values } = actual[row][i];
        const where = `row ${row}, result ${i}`;
        expect({ shape, dtype }, where).toEqual({ shape: tensor.shape, dtype: tensor.dtype });
        expectClose(values, await tensor.data(), where);
      }
    }
    tf.dispose([inputs, expected]);
  });
});

/** Runs all rows as one program. */
async function compiled(name: string, rows: readonly Row[], inputs: readonly Tensors[]) {
  const recorded = tf.getKernel(name, 'anomclip-trace');
  const kernel = vi.spyOn(recorded, 'kernelFunc');
  const flat = inputs.flat();
  const step = trace((backend) => {
    const { graph } = backend;
    const results = tf.tidy(() =>
      rows.map(([compute], row) => {
        const stands = inputs[row].map((tensor) =>
          backend.tensor(() => graph.input(`batch/${flat.indexOf(tensor)}`, tensor), tensor),
        );
        kernel.mockClear();
        const results = list(compute(...stands));
        expect(kernel, `row ${row}`).toHaveBeenCalled();
        return results.map((result, i) => {
          const { shape, dtype } = result;
          graph.onnx.output(`gradient/${row}.${i}`, backend.value(tf.cast(result, 'float32')), shape);
          return { shape, dtype };
        });
      }),
    );
    const outputs = results.flatMap((row, r) => row.map((_, i) => `gradient/${r}.${i}`));
    return { graph: graph.onnx, inputs: [...graph.inputs], outputs, foreign: graph.foreign, results };
  });
  const program = await StepProgram.load(ort as OnnxRuntime, step, { graphOptimizationLevel: 'all' });
  const state = new ModelState();
  const { gradients } = await program.run(state, flat);
  await program.release();
  const withValues = await Promise.all(
    step.results.map((row, r) =>
      Promise.all(
        row.map(async (result, i) => ({ ...result, values: await gradients.get(`${r}.${i}`)?.data() })),
      ),
    ),
  );
  tf.dispose([...gradients.values()]);
  return withValues;
}

function expectClose(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>, where: string) {
  expect(actual?.length, where).toBe(expected.length);
  for (const [i, value] of Array.from(expected).entries()) {
    const ours = actual?.[i] ?? Number.NaN;
    const difference = Object.is(ours, value) || ours === value ? 0 : Math.abs(ours - value);
    expect(difference, `${where}, at ${i}: ${ours} in place of ${value}`).toBeLessThanOrEqual(
      2e-6 * Math.max(1, Math.abs(value)),
    );
  }
}

function list(tensors: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  return Array.isArray(tensors) ? tensors : [tensors];
}

function unary(compute: Compute, input = float): Row[] {
  return [
    [compute, input(3, 3)],
    [compute, input()],
  ];
}

function binary(compute: Compute): Row[] {
  return [
    [compute, float(2, 3), positive(2, 3)],
    [compute, float(2, 3), positive(3)],
    [compute, float(2, 1), positive(1, 3)],
    [compute, float(), positive(2, 1, 3)],
    [compute, int(2, 3), ints(2, 0, -1)],
    [compute, int(2, 3), float(3)],
    ...neutral(compute, 0),
    ...neutral(compute, 1),
  ];
}

/** With a number that may leave the other operand as it is, on either side, also where it makes the shape larger. */
function neutral(compute: Compute, number: number): Row[] {
  return [
    [(x) => [compute(x, tf.scalar(number)), compute(tf.scalar(number), x)].flat(), positive(2, 3)],
    [(x) => [compute(x, tf.fill([2, 3], number)), compute(tf.fill([2, 3], number), x)].flat(), positive(3)],
  ];
}

function comparison(compute: Compute): Row[] {
  return [
    [compute, float(3, 3), float(3)],
    [compute, float(2, 1), positive(1, 3)],
    [compute, int(3, 3), int(3)],
    [compute, bool(4), bool(1)],
  ];
}

function logical(compute: Compute): Row[] {
  return [
    [compute, bool(2, 3), bool(3)],
    [compute, bool(2, 1), bool(1, 2)],
  ];
}

function reduction(
  compute: (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor,
  input = float,
): Row[] {
  return [
    [(x) => [compute(x), compute(x, undefined, true)], input(2, 3)],
    [(x) => [compute(x, 0), compute(x, -1), compute(x, [0, 2]), compute(x, [-1, 0])], input(2, 3, 4)],
    [(x) => [compute(x, 1, true), compute(x, -2, true), compute(x, [2, 0], true)], input(2, 3, 4)],
    [(x) => [compute(x), compute(x, 0)], input(5)],
    [(x) => compute(x), input()],
  ];
}

function extreme(compute: (x: tf.Tensor, axis?: number) => tf.Tensor): Row[] {
  return [
    [(x) => [compute(x), compute(x, 1), compute(x, -1)], float(2, 3, 4)],
    [(x) => compute(x), floats(1, 3, 3, 1)],
    [(x) => compute(x), int(6)],
  ];
}

function pooling(
  compute: (x: tf.Tensor4D, size: [number, number], strides: [number, number], pad: 'valid') => tf.Tensor,
): Row[] {
  return [
    [(x) => compute(x as tf.Tensor4D, [3, 1], [3, 1], 'valid'), float(2, 6, 1, 4)],
    [(x) => compute(x as tf.Tensor4D, [2, 1], [2, 1], 'valid'), float(1, 2, 1, 3)],
  ];
}

/** Neither, either and both operands transposed. */
function products(left: readonly number[], right: readonly number[]): Row[] {
  const swapped = (shape: readonly number[]) => [...shape.slice(0, -2), ...shape.slice(-2).reverse()];
  return [false, true].flatMap((a) =>
    [false, true].map(
      (b): Row => [
        (x, y) => tf.matMul(x, y, a, b),
        float(...(a ? swapped(left) : left)),
        float(...(b ? swapped(right) : right)),
      ],
    ),
  );
}

/** Below, at and above zero; the same in every run. */
function float(...shape: number[]): Input {
  return { shape, dtype: 'float32', values: mixed(shape).map((value) => 0.3 * value) };
}

function positive(...shape: number[]): Input {
  return { shape, dtype: 'float32', values: mixed(shape).map((value) => 2 + 0.3 * value) };
}

function int(...shape: number[]): Input {
  return { shape, dtype: 'int32', values: mixed(shape) };
}

function bool(...shape: number[]): Input {
  return { shape, dtype: 'bool', values: mixed(shape).map((value) => Number(value > -2)) };
}

/** Whole numbers from −5 to 5. */
function mixed(shape: readonly number[]): number[] {
  return Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => ((7 * i + 2) % 11) - 5);
}

function floats(...values: number[]): Input {
  return { shape: [values.length], dtype: 'float32', values };
}

function ints(...values: number[]): Input {
  return { shape: [values.length], dtype: 'int32', values };
}

function shaped(shape: number[], input: Input): Input {
  return { ...input, shape };
}
