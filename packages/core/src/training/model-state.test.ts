import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../errors.js';
import { startBackend } from '../testing/backends.fixture.js';
import { ModelState } from './model-state.js';

beforeAll(async () => {
  await startBackend('cpu');
});

test('what is saved and loaded is equal, and neither shares memory with the variables', async () => {
  const before = tf.memory().numTensors;
  const state = new ModelState();
  const values = Float32Array.of(1, 2, 3, 4);
  const weight = state.parameter<tf.Rank.R2>('weight', [2, 2], values);
  const mean = state.buffer<tf.Rank.R1>('mean', [1], [5]);
  values.fill(0);
  expect([...(await weight.data())]).toEqual([1, 2, 3, 4]);

  const saved = await state.save();
  expect([...saved]).toEqual([
    ['weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
    ['mean', { shape: [1], data: Float32Array.of(5) }],
  ]);
  tf.tidy(() => weight.assign(tf.zeros([2, 2])));
  tf.tidy(() => mean.assign(tf.tensor1d([6])));
  expect(saved.get('weight')?.data).toEqual(Float32Array.of(1, 2, 3, 4));

  const loaded = new Map([...saved].map(([name, { data }]) => [name, data as Float32Array]));
  state.load(loaded);
  loaded.get('mean')?.fill(7);
  expect((await state.save()).get('mean')?.data).toEqual(Float32Array.of(5));
  expect((await state.save()).get('weight')).toEqual(saved.get('weight'));
  state.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a part of the parameters makes a group', () => {
  const state = new ModelState();
  state.parameter<tf.Rank.R2>('head.weight', [1, 1], [1]);
  state.parameter<tf.Rank.R1>('head.bias', [1], [1]);
  state.buffer<tf.Rank.R1>('head.mean', [1], [1]);
  expect([...state.parametersWhere((_, { rank }) => rank === 2).keys()]).toEqual(['head.weight']);
  expect([...state.parametersWhere((name) => name.startsWith('head.')).keys()]).toEqual([
    'head.weight',
    'head.bias',
  ]);
  state.dispose();
});

test('a name is taken once, and values fill their shape', () => {
  const state = new ModelState();
  state.parameter<tf.Rank.R1>('a', [1], [1]);
  expect(() => state.buffer<tf.Rank.R1>('a', [1], [1])).toThrow(ArgumentError);
  expect(() => state.parameter<tf.Rank.R1>('b', [2], [1])).toThrow(ShapeError);
  state.dispose();
});
