import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError } from '../errors.js';
import { startBackend } from '../testing/backends.fixture.js';
import { lossGradients } from '../training/gradients.js';
import { ModelState } from '../training/model-state.js';
import { attention } from './layers.js';
import { recompute } from './recompute.js';

/** Two layers in a row of the same weights, with attention within each entry. */
function network(x: tf.Tensor, [weight, bias]: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => {
    const rows = tf.reshape(x, [-1, 4]);
    const hidden = tf.reshape(
      tf.tanh(tf.add(tf.matMul(rows as tf.Tensor2D, weight as tf.Tensor2D), bias)),
      x.shape,
    );
    return attention(hidden, hidden, x, 2);
  });
}

function stateOf(): ModelState {
  const state = new ModelState();
  state.parameter<tf.Rank.R3>(
    'x',
    [5, 3, 4],
    Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)),
  );
  state.parameter<tf.Rank.R2>(
    'weight',
    [4, 4],
    Float32Array.from({ length: 16 }, (_, i) => Math.cos(2 * i)),
  );
  state.parameter<tf.Rank.R1>('bias', [4], [0.1, -0.2, 0.3, 0]);
  return state;
}

/** The loss and its gradients with `twice` network applications. */
function evaluate(state: ModelState, apply: typeof network): number[][] {
  const [x, weight, bias] = ['x', 'weight', 'bias'].map((name) => state.parameters.get(name) as tf.Tensor);
  const { losses, gradients } = lossGradients(state.parameters, () => ({
    total: tf.sum(tf.square(apply(apply(tf.mul(x, 2), [weight, bias]), [weight, bias]))) as tf.Scalar,
  }));
  const all = [
    ...losses.values(),
    ...['x', 'weight', 'bias'].map((name) => gradients.get(name) as tf.Tensor),
  ];
  const values = all.map((tensor) => [...tensor.dataSync<'float32'>()]);
  tf.dispose(all);
  return values;
}

describe.each(['cpu', 'wasm'] as const)('recompute on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test.each([1, 2, 5, 9])(
    'gives the values and gradients of the function itself, %d entries at a time',
    (partSize) => {
      const state = stateOf();
      const before = tf.memory().numTensors;
      const plain = evaluate(state, network);
      const again = evaluate(state, (x, shared) => recompute(network, x, shared, { partSize }));
      expect(tf.memory().numTensors).toBe(before);
      for (const [i, values] of plain.entries()) {
        for (const [j, value] of values.entries()) expect(again[i][j]).toBeCloseTo(value, 5);
      }
      state.dispose();
    },
  );

  test('keeps nothing of what the function computes on the way', () => {
    const state = stateOf();
    const [x, weight, bias] = ['x', 'weight', 'bias'].map((name) => state.parameters.get(name) as tf.Tensor);
    const heldBy = (apply: typeof network) => {
      let held = 0;
      const { losses, gradients } = lossGradients(state.parameters, () => {
        const before = tf.memory().numTensors;
        const value = tf.tidy(() => apply(x, [weight, bias]));
        held = tf.memory().numTensors - before;
        return { total: tf.sum(value) as tf.Scalar };
      });
      tf.dispose([...losses.values(), ...gradients.values()]);
      return held;
    };
    // The three inputs and the result.
    expect(heldBy((values, shared) => recompute(network, values, shared))).toBe(4);
    expect(heldBy(network)).toBeGreaterThan(10);
    state.dispose();
  });

  test('outside of a gradient it is the function, in parts', () => {
    const state = stateOf();
    const [x, weight, bias] = ['x', 'weight', 'bias'].map((name) => state.parameters.get(name) as tf.Tensor);
    const before = tf.memory().numTensors;
    const [plain, parts] = [
      network(x, [weight, bias]),
      recompute(network, x, [weight, bias], { partSize: 2 }),
    ];
    expect(tf.memory().numTensors).toBe(before + 2);
    const expected = plain.dataSync();
    for (const [i, value] of parts.dataSync().entries()) expect(value).toBeCloseTo(expected[i], 6);
    tf.dispose([plain, parts]);
    state.dispose();
  });

  test('nests', () => {
    const state = stateOf();
    const nested = (values: tf.Tensor, shared: readonly tf.Tensor[]) =>
      recompute((entries, others) => recompute(network, entries, others, { partSize: 1 }), values, shared, {
        partSize: 3,
      });
    const [plain, twice] = [evaluate(state, network), evaluate(state, nested)];
    for (const [i, values] of plain.entries()) {
      for (const [j, value] of values.entries()) expect(twice[i][j]).toBeCloseTo(value, 5);
    }
    state.dispose();
  });

  test.each([1, 2, 3])('leaves nothing behind when call %d of the function throws', (failing) => {
    const state = stateOf();
    const plain = evaluate(state, network);
    let calls = 0;
    const faulty: typeof network = (values, shared) => {
      calls++;
      if (calls === failing) throw new RangeError('on purpose');
      return network(values, shared);
    };
    const before = tf.memory().numTensors;
    expect(() => evaluate(state, (values, shared) => recompute(faulty, values, shared))).toThrow(
      'on purpose',
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(evaluate(state, network)).toEqual(plain);
    state.dispose();
  });
});

test('a part has one entry at least', () => {
  expect(() => recompute((x) => x, tf.zeros([2, 2]), [], { partSize: 0 })).toThrow(ArgumentError);
});
