import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../random/index.js';
import { setUpBackend } from './backend.js';

const rng = createRng('wasm-kernels');

function random(shape: number[], offset = 0): () => tf.Tensor {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal() + offset);
  return () => tf.tensor(values, shape);
}

async function on(
  backend: 'cpu' | 'wasm',
  work: () => tf.Tensor,
): Promise<{ shape: number[]; values: Float32Array }> {
  await setUpBackend(backend);
  const before = tf.memory().numTensors;
  const result = tf.tidy(work);
  const values = (await result.data()) as Float32Array;
  const { shape } = result;
  result.dispose();
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  return { shape, values };
}

async function expectSame(work: () => tf.Tensor, tolerance = 1e-5): Promise<void> {
  const cpu = await on('cpu', work);
  const wasm = await on('wasm', work);
  expect(wasm.shape).toEqual(cpu.shape);
  const scale = cpu.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
  const error = cpu.values.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - wasm.values[i])),
    0,
  );
  expect(error / scale).toBeLessThan(tolerance);
}

beforeAll(async () => {
  await setUpBackend('wasm');
});

describe('matrix products on wasm equal those on cpu', () => {
  test.each([
    ['plain', [7, 5], [5, 9], false, false],
    ['transposed left', [5, 7], [5, 9], true, false],
    ['transposed right', [7, 5], [9, 5], false, true],
    ['both transposed', [5, 7], [9, 5], true, true],
    ['batched', [3, 7, 5], [3, 5, 9], false, false],
    ['batched, transposed right', [2, 3, 40, 16], [2, 3, 50, 16], false, true],
    ['batched, transposed left', [4, 33, 20], [4, 33, 65], true, false],
    ['one right matrix for all', [3, 7, 5], [1, 5, 9], false, false],
    ['one left matrix for all', [1, 7, 5], [3, 5, 9], false, false],
    ['one left matrix for all, transposed', [1, 5, 7], [3, 5, 9], true, false],
    ['one by one', [1, 1], [1, 1], false, false],
  ] as const)('%s', async (_, aShape, bShape, transposeA, transposeB) => {
    const [a, b] = [random([...aShape]), random([...bShape])];
    await expectSame(() => tf.matMul(a(), b(), transposeA, transposeB));
  });

  test('and so do their gradients', async () => {
    const [a, b] = [random([2, 6, 5]), random([2, 6, 7])];
    const gradients = (which: number) => () =>
      tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.square(tf.matMul(x, y, true, false))))([a(), b()])[
        which
      ];
    await expectSame(gradients(0));
    await expectSame(gradients(1));
  });

  test('the fused product adds its bias to the right columns when batched and transposed', async () => {
    const [a, b, bias] = [random([2, 6, 50]), random([2, 7, 50]), random([7])];
    for (const activation of [undefined, 'relu', 'elu', 'sigmoid'] as const) {
      await expectSame(() =>
        tf.fused.matMul({
          a: a() as tf.Tensor3D,
          b: b() as tf.Tensor3D,
          transposeB: true,
          bias: bias() as tf.Tensor1D,
          activation,
        }),
      );
    }
  });
});

describe('reductions over many elements', () => {
  test('the mean of four million equal values is that value', async () => {
    const { values } = await on('wasm', () => tf.mean(tf.fill([4_000_000], 0.1)));
    expect(values[0]).toBeCloseTo(0.1, 7);
  });

  test.each([
    ['all axes', undefined, false],
    ['the first axis', 0, false],
    ['a middle axis', [1], true],
    ['first and last axis', [0, -1], true],
  ] as const)('sum and mean over %s equal those of cpu', async (_, axis, keepDims) => {
    const x = random([90, 100, 70], 0.3);
    const axes = axis === undefined || typeof axis === 'number' ? axis : [...axis];
    await expectSame(() => tf.mean(x(), axes, keepDims), 1e-5);
    await expectSame(() => tf.sum(x(), axes, keepDims), 1e-5);
  });
});

describe('kernels that wasm lacks or has wrong', () => {
  test('gather with batch dimensions is right in every batch entry', async () => {
    const x = random([3, 10, 4]);
    await expectSame(() =>
      tf.gather(
        x(),
        tf.tensor(
          [
            [1, 2],
            [9, 0],
            [5, 5],
          ],
          [3, 2],
          'int32',
        ),
        1,
        1,
      ),
    );
  });

  test('the gradient of gather adds up rows that were taken twice', async () => {
    const x = random([6, 4]);
    const taken = () => tf.tensor1d([5, 0, 5, 2], 'int32');
    await expectSame(() => tf.grad((y: tf.Tensor) => tf.sum(tf.square(tf.gather(y, taken()))))(x()));
  });

  test.each([
    ['3×3, same', [2, 9, 8, 5], [3, 3, 5, 6], 1, 'same'],
    ['3×3, valid, stride 2', [2, 9, 8, 5], [3, 3, 5, 6], 2, 'valid'],
    ['7×7, padded by 3, stride 2', [1, 20, 20, 3], [7, 7, 3, 8], 2, 3],
    ['1×1', [2, 6, 6, 4], [1, 1, 4, 7], 1, 'valid'],
  ] as const)('a convolution trains its filter: %s', async (_, xShape, filterShape, stride, pad) => {
    const [x, filter] = [random([...xShape]), random([...filterShape])];
    await expectSame(() =>
      tf.grad((f: tf.Tensor) =>
        tf.sum(tf.square(tf.conv2d(x() as tf.Tensor4D, f as tf.Tensor4D, stride, pad))),
      )(filter()),
    );
  });

  test.each([1, 2] as const)(
    'max pooling passes gradients where every value is negative, stride %i',
    async (stride) => {
      const x = random([2, 7, 8, 3], -10);
      await expectSame(() =>
        tf.grad((y: tf.Tensor) => tf.sum(tf.square(tf.maxPool(y as tf.Tensor4D, 3, stride, 1))))(x()),
      );
    },
  );
});

describe('what the cpu backend computes for wasm', () => {
  const [volume, filter3d] = [random([1, 5, 6, 7, 2], -10), random([2, 3, 3, 2, 4])];
  const [image, structure] = [random([2, 6, 7, 3], -10), random([3, 3, 3])];
  const [depthwiseFilter, matrix] = [random([3, 3, 3, 2]), random([6, 7, 2])];
  const maxPool3d = (x: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, 3, 1, 'same');
  const conv3d = (x: tf.Tensor) => tf.conv3d(x as tf.Tensor5D, filter3d() as tf.Tensor5D, 1, 'same');
  const pooled = () => tf.maxPoolWithArgmax(image() as tf.Tensor4D, 2, 2, 'valid');
  const dilation = (x: tf.Tensor, y: tf.Tensor) =>
    tf.dilation2d(x as tf.Tensor4D, y as tf.Tensor3D, 1, 'same');
  const depthwise = (x: tf.Tensor, y: tf.Tensor) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, y as tf.Tensor4D, 1, 'same');
  const gradient = (work: (x: tf.Tensor) => tf.Tensor, x: () => tf.Tensor) => () =>
    tf.grad((y: tf.Tensor) => tf.sum(tf.square(work(y))))(x());

  test.each<[string, () => tf.Tensor]>([
    ['max pooling of volumes', () => maxPool3d(volume())],
    ['its gradient', gradient(maxPool3d, volume)],
    ['the gradient of a 3-D convolution', gradient(conv3d, volume)],
    ['max pooling with positions', () => pooled().result],
    ['the positions', () => tf.cast(pooled().indexes, 'float32')],
    ['dilation', () => dilation(image(), structure())],
    ['its gradient to the image', gradient((x) => dilation(x, structure()), image)],
    ['its gradient to the structure', gradient((y) => dilation(image(), y), structure)],
    ['the gradient of a depthwise convolution', gradient((x) => depthwise(x, depthwiseFilter()), image)],
    ['its gradient to the filter', gradient((y) => depthwise(image(), y), depthwiseFilter)],
    ['einsum', () => tf.einsum('bhwc,hwd->bcd', image(), matrix())],
  ])('%s', async (_, work) => {
    await expectSame(work);
  });
});

test('setting up a backend twice changes nothing', async () => {
  await setUpBackend('wasm');
  const kernel = tf.getKernel('BatchMatMul', 'wasm');
  await setUpBackend('wasm');
  expect(tf.getKernel('BatchMatMul', 'wasm')).toBe(kernel);
});

test('an unknown backend is refused by name', async () => {
  await expect(setUpBackend('opengl' as 'cpu')).rejects.toThrow(
    /'cpu', 'wasm', 'webgpu' or 'webgl', got "opengl"/,
  );
});
