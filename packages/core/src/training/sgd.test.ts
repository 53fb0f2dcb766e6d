import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError } from '../errors.js';
import { startBackend } from '../testing/backends.fixture.js';
import { ModelState } from './model-state.js';
import { sgd } from './sgd.js';

describe.each(['cpu', 'wasm'] as const)('sgd on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test('each group moves against its gradient at its own rate, and decay adds to the gradient', async () => {
    const before = tf.memory().numTensors;
    const state = new ModelState();
    const a = state.parameter<tf.Rank.R1>('a', [2], [1, -2]);
    const b = state.parameter<tf.Rank.R1>('b', [1], [3]);
    const still = state.parameter<tf.Rank.R1>('still', [1], [7]);
    const optimiser = sgd([
      { parameters: state.parametersWhere((name) => name !== 'b'), learningRate: 0.5 },
      { parameters: state.parametersWhere((name) => name === 'b'), learningRate: 0.1, weightDecay: 0.2 },
    ]);
    tf.tidy(() => {
      optimiser.step(
        new Map([
          ['a', tf.tensor1d([4, -1])],
          ['b', tf.tensor1d([2])],
        ]),
        0.5,
      );
    });
    expect([...(await a.data())]).toEqual([0, -1.75]); // 1 − 0.25 · 4, −2 + 0.25 · 1
    expect((await b.data())[0]).toBeCloseTo(3 - 0.05 * (2 + 0.2 * 3), 6);
    expect([...(await still.data())]).toEqual([7]);
    expect(await optimiser.save()).toEqual(new Map());
    optimiser.dispose();
    state.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('groups that cannot work are refused', () => {
  const state = new ModelState();
  state.parameter<tf.Rank.R1>('a', [1], [1]);
  const { parameters } = state;
  expect(() => sgd([])).toThrow(ArgumentError);
  expect(() => sgd([{ parameters }, { parameters }])).toThrow(/"a"; it is in two/);
  expect(() => sgd([{ parameters, learningRate: Number.NaN }])).toThrow(/learningRate/);
  state.dispose();
});
