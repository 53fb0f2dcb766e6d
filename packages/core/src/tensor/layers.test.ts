import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { describeOnBackends } from '../testing/backends.fixture.js';
import { attention, gelu, layerNorm, quickGelu } from './layers.js';

/** Layers with gradients of their own, and the same as plain operations, whose gradients TensorFlow.js knows. */
const layers: [string, (x: tf.Tensor) => tf.Tensor, (x: tf.Tensor) => tf.Tensor][] = [
  ['gelu', gelu, (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))],
  ['quickGelu', quickGelu, (x) => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)))],
  [
    'layerNorm',
    (x) => layerNorm(x, { weight: tf.tensor1d([1, -2, 0.5, 3, 1]), bias: tf.tensor1d([0, 1, 2, 3, 4]) }),
    (x) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5));
      return tf.add(tf.mul(tf.div(centred, deviation), [1, -2, 0.5, 3, 1]), [0, 1, 2, 3, 4]);
    },
  ],
  [
    'attention of values to values',
    (x) => {
      const values = tf.reshape(x, [1, 4, 10]);
      return attention(values, values, values, 2);
    },
    (x) => {
      const [queries, keys, values] = [0, 1, 2].map(() => tf.reshape(x, [1, 4, 10]));
      return attention(queries, keys, values, 2);
    },
  ],
];

describeOnBackends('layers', () => {
  test.each(layers)('%s has the value and the gradient of its definition', async (_, layer, definition) => {
    const x = tf.tensor2d(
      Array.from({ length: 40 }, (_, i) => 3 * Math.sin(1 + i * i)),
      [8, 5],
    );
    const weights = tf.tensor1d(Array.from({ length: 40 }, (_, i) => Math.cos(i * i)));
    const before = tf.memory().numTensors;
    const results = [layer, definition].map((evaluate) => {
      const weighted = (x: tf.Tensor) => tf.sum(tf.mul(tf.reshape(evaluate(x), [-1]), weights));
      return tf.tidy(() =>
        tf.concat([tf.reshape(evaluate(x), [-1]), tf.reshape(tf.grad(weighted)(x), [-1])]),
      );
    });
    expect(tf.memory().numTensors).toBe(before + 2);
    const [actual, expected] = await Promise.all(results.map((result) => result.data()));
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(actual[i] - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    }
    tf.dispose([x, weights, results]);
  });
});
