import { setUpBackend } from '@anomclip/core/backend';
import { PointNet, pointNetTiny } from '@anomclip/core/pointnet';
import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { perturb } from './perturb.js';

beforeAll(() => setUpBackend('cpu'));

/** Logit of the anomalous class: the sum of all x; of the normal class: 0. */
const sumOfX = (points: tf.Tensor3D) =>
  tf.tidy(() => {
    const anomalous = tf.sum(tf.slice(points, [0, 0, 0], [-1, -1, 1]), [1, 2]);
    return tf.stack([tf.zerosLike(anomalous), anomalous], 1) as tf.Tensor2D;
  });

test('lowers the confidence in either class, by what the derivative says', async () => {
  const points = tf.tensor3d([[[2, 0, 0]], [[-2, 0, 0]]]);
  const moved = await perturb(points, undefined, sumOfX, { eta: 0.1, norm: 'raw' });
  const slope = 1 / (1 + Math.exp(2)); // of log p̂ = −log(1 + e⁻²)
  expect(moved[0]).toBeCloseTo(2 - 0.1 * slope, 6);
  expect(moved[3]).toBeCloseTo(-2 + 0.1 * slope, 6);
  expect([moved[1], moved[2], moved[4], moved[5]]).toEqual([0, 0, 0, 0]);
});

test('of two alike classes the anomalous one is meant', async () => {
  const moved = await perturb(tf.zeros([1, 1, 3]), undefined, sumOfX, { eta: 0.1, norm: 'raw' });
  expect(moved[0]).toBeCloseTo(-0.05, 6);
});

test('sign moves every coordinate by eta, l2 a whole patch', async () => {
  const points = tf.tensor3d([
    [
      [1, 0, 0],
      [1, 0, 0],
    ],
  ]);
  const signed = await perturb(points, undefined, sumOfX, { eta: 0.1, norm: 'sign' });
  expect(signed[0]).toBeCloseTo(0.9, 6);
  const straight = await perturb(points, undefined, sumOfX, { eta: 0.1, norm: 'l2' });
  expect(straight[0]).toBeCloseTo(1 - 0.1 / Math.SQRT2, 6);
});

test('copies move together by the sum of their gradients', async () => {
  const points = tf.tensor3d([
    [
      [0.5, 0, 0],
      [0.5, 0, 0],
      [1, 0, 0],
    ],
  ]);
  const alone = await perturb(points, undefined, sumOfX, { eta: 0.1, norm: 'raw' });
  const together = await perturb(points, Int32Array.of(0, 0, 2), sumOfX, { eta: 0.1, norm: 'raw' });
  expect(together[0] - 0.5).toBeCloseTo(2 * (alone[0] - 0.5), 6);
  expect(together[3]).toBe(together[0]);
  expect(together[6]).toBe(alone[6]);
});

test('nothing leaks and the points stay as they are', async () => {
  const rng = createRng('perturb');
  const points = tf.tensor3d(
    Float32Array.from({ length: 24 }, () => rng.normal()),
    [2, 4, 3],
  );
  const [before, values] = [tf.memory().numTensors, points.arraySync()];
  await perturb(points, undefined, sumOfX, { eta: 1, norm: 'raw' });
  expect(tf.memory().numTensors).toBe(before);
  expect(points.arraySync()).toEqual(values);
});

test('a small step makes a PointNet less sure of almost every patch', async () => {
  await setUpBackend('wasm');
  const rng = createRng('small step');
  const network = new PointNet({ ...pointNetTiny, outputs: 2, dropout: 0 }, rng);
  const values = Float32Array.from({ length: 20 * 64 * 3 }, () => rng.uniform(-0.6, 0.6));
  const groups = network.chooseGroups(values, 20);
  const points = tf.tensor3d(values, [20, 64, 3]);
  const moved = await perturb(points, undefined, (x) => network.forward(x, groups), {
    eta: 0.01,
    norm: 'l2',
  });
  const confidence = (x: tf.Tensor3D) =>
    tf.tidy(() => tf.max(tf.softmax(network.forward(x, groups)), 1).arraySync() as number[]);
  const [before, after] = [confidence(points), confidence(tf.tensor3d(moved, points.shape))];
  expect(after.filter((each, i) => each < before[i]).length).toBeGreaterThan(18);
});
