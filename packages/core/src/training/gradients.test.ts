import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../testing/backends.fixture.js';
import { clipGradients, gradientNorm, lossGradients } from './gradients.js';
import { ModelState } from './model-state.js';

beforeAll(async () => {
  await startBackend('cpu');
});

test('gradients are by the names of parameters, and absent where the total does not depend on one', async () => {
  const state = new ModelState();
  const x = state.parameter<tf.Rank.R1>('x', [2], [3, -1]);
  state.parameter<tf.Rank.R1>('unused', [1], [1]);
  const before = tf.memory().numTensors;
  const { losses, gradients } = lossGradients(state.parameters, () => ({
    half: tf.mul(tf.sum(tf.square(x)), 0.5) as tf.Scalar,
    total: tf.sum<tf.Scalar>(tf.square(x)),
  }));
  expect(tf.memory().numTensors).toBe(before + 3);
  expect([...losses.keys()]).toEqual(['total', 'half']);
  expect([...losses.values()].map((loss) => loss.dataSync()[0])).toEqual([10, 5]);
  expect([...gradients.keys()]).toEqual(['x']);
  expect([...(gradients.get('x')?.dataSync() ?? [])]).toEqual([6, -2]);
  tf.dispose([...losses.values(), ...gradients.values()]);
  state.dispose();
});

test('clipping keeps the direction of all gradients together', () => {
  const gradients = new Map<string, tf.Tensor>([
    ['a', tf.tensor1d([3, 0])],
    ['b', tf.tensor2d([[0, 4]])],
  ]);
  const norm = gradientNorm(gradients);
  expect(norm.dataSync()[0]).toBe(5);
  // torch 1.13.0: clip_grad_norm_ with max_norm 1 multiplies by 1 / (5 + 1e-6).
  const clipped = clipGradients(gradients, norm, 1);
  expect(clipped.get('a')?.dataSync()[0]).toBeCloseTo(0.6, 6);
  expect(clipped.get('b')?.dataSync()[1]).toBeCloseTo(0.8, 6);
  const unchanged = clipGradients(gradients, norm, 6);
  expect(unchanged.get('a')?.dataSync()[0]).toBe(3);
  tf.dispose([norm, ...gradients.values(), ...clipped.values(), ...unchanged.values()]);
});
