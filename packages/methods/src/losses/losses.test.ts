import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { crossEntropy, diceLoss, focalLoss, pairContrastiveLoss } from './index.js';

const anomalous = [0.1, 0.8, 0.6, 0.3];
const target = [0, 1, 1, 0];

describe.each(['cpu', 'wasm'] as const)('losses on %s', (backend) => {
  /** The value of a scalar made by `body`; nothing else may stay. */
  async function lossOf(body: () => tf.Scalar): Promise<number> {
    await startBackend(backend);
    const before = tf.memory().numTensors;
    const scalar = tf.tidy(body);
    const [value] = await scalar.data();
    scalar.dispose();
    expect(tf.memory().numTensors).toBe(before);
    return value;
  }
  const map = (values: readonly number[]) => tf.tensor3d([...values], [1, 2, 2]);

  test('focal and dice have the printed values (pointad.md 11.7)', async () => {
    const normal = anomalous.map((p) => 1 - p);
    const normalTarget = target.map((t) => 1 - t);
    expect(await lossOf(() => focalLoss(map(anomalous), map(target)))).toBeCloseTo(0.030951, 6);
    expect(await lossOf(() => diceLoss(map(anomalous), map(target)))).toBeCloseTo(0.2083333, 6);
    expect(await lossOf(() => diceLoss(map(normal), map(normalTarget)))).toBeCloseTo(0.1923077, 6);
  });

  test('focal is the same when both classes change places', async () => {
    const swapped = () => focalLoss(map(anomalous.map((p) => 1 - p)), map(target.map((t) => 1 - t)));
    expect(await lossOf(swapped)).toBeCloseTo(0.030951, 6);
  });

  test('dice is a mean over items, not over their pixels', async () => {
    const two = () =>
      diceLoss(tf.tensor2d([...anomalous, 0, 0, 0, 0], [2, 4]), tf.tensor2d([...target, 0, 0, 0, 0], [2, 4]));
    expect(await lossOf(two)).toBeCloseTo((0.2083333 + 0) / 2, 6);
  });

  test('cross-entropy is −log softmax of the label', async () => {
    const expected = (Math.log(1 + Math.exp(-3)) + Math.log(1 + Math.exp(0.5))) / 2;
    const loss = () => crossEntropy(tf.tensor2d([2, -1, 0.25, -0.25], [2, 2]), [0, 1]);
    expect(await lossOf(loss)).toBeCloseTo(expected, 6);
  });

  test('pair contrastive has the printed values of both papers', async () => {
    // Unit rows whose cosines with the axes are the printed ones: p .30, q .25, r .28, t .31.
    const row = (a: number, b: number) => [a, b, Math.sqrt(1 - a * a - b * b)];
    const image = () => tf.tensor2d([...row(0.3, 0.25), ...row(0.28, 0.31)], [2, 3]);
    const text = () => tf.tensor2d([1, 0, 0, 0, 1, 0], [2, 3]);
    const fsac = await lossOf(() => pairContrastiveLoss(image(), text()));
    expect(fsac).toBeCloseTo(1.346719 + 1.346794, 5);
    const clip3d = await lossOf(() => pairContrastiveLoss(image(), text(), { scale: 0.5 }));
    expect(clip3d).toBeCloseTo(1.346757, 5);
    const released = () => pairContrastiveLoss(image(), text(), { temperature: 0.99, scale: 0.25 });
    expect(await lossOf(released)).toBeCloseTo(0.673181, 5);
  });

  test('shapes that do not fit are refused', async () => {
    await startBackend(backend);
    expect(() => diceLoss(tf.zeros([1, 2]), tf.zeros([2, 1]))).toThrow('targets of the shape');
    expect(() => focalLoss(tf.zeros([1, 2]), tf.zeros([2]))).toThrow('targets of the shape');
    expect(() => crossEntropy(tf.zeros([2, 2]), [0])).toThrow('2 labels');
    expect(() => pairContrastiveLoss(tf.zeros([3, 2]), tf.zeros([2, 2]))).toThrow('[2B, C]');
  });
});
