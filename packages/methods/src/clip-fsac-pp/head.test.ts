import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { zeroRng } from '../testing/zero-rng.js';
import { anomalyDescriptor } from './anomaly-descriptor.js';
import { cosines, enhance, type HeadConfig, initialHead } from './head.js';
import { type FsacLossConfig, fsacLoss } from './loss.js';

const paperLoss: FsacLossConfig = {
  tau: 0.07,
  gamma2: 0.7,
  contrastiveText: 'adapted',
  contrastiveTemperature: 1,
  contrastiveScale: 1,
  ceMode: 'prob-softmax',
  useContrastive: true,
  useCrossEntropy: true,
};

describe.each(['cpu', 'wasm'] as const)('the head of CLIP-FSAC++ on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test('the descriptor has the printed values (clip-fsac-pp.md 16)', async () => {
    const identity = { weight: tf.eye(4), bias: tf.zeros([4]) };
    const weights = Object.fromEntries(
      ['image', 'text'].flatMap((side) => [
        [`image.to_out_${side}.0.weight`, identity.weight],
        [`image.to_out_${side}.0.bias`, identity.bias],
      ]),
    );
    const { textDriven, visionDriven } = anomalyDescriptor(
      tf.tensor2d([1, 0, 2, -1, 0, 1, -1, 2], [2, 4]),
      tf.tensor2d([1, 0, 1, 0, 0, 2, 0, 1], [2, 4]),
      weights,
    );
    const rounded = async (tensor: tf.Tensor) => [...(await tensor.data())].map((value) => +value.toFixed(6));
    expect(await rounded(textDriven)).toEqual([
      0.880797, 0.238406, 0.880797, 0.119203, 0.075858, 1.848284, 0.075858, 0.924142,
    ]);
    expect(await rounded(visionDriven)).toEqual([
      0.632095, 0.73581, 0.632095, 0.367905, 0.170771, 1.658459, 0.170771, 0.829229,
    ]);
  });

  test('both presets have the printed totals of the loss (clip-fsac-pp.md 16)', async () => {
    const row = (a: number, b: number) => [a, b, Math.sqrt(1 - a * a - b * b)];
    const image = tf.tensor2d([...row(0.3, 0.25), ...row(0.28, 0.31)], [2, 3]);
    const text = tf.tensor2d([1, 0, 0, 0, 1, 0], [2, 3]);
    const total = async (config: FsacLossConfig) => {
      const terms = fsacLoss({ image, text, adaptedText: text }, config);
      return (await tf.addN(Object.values(terms)).data())[0];
    };
    expect(await total(paperLoss)).toBeCloseTo(3.088867, 5);
    const released = { ...paperLoss, contrastiveTemperature: 0.99, contrastiveScale: 0.25 };
    expect(await total(released)).toBeCloseTo(1.068535, 5);
    const logits: FsacLossConfig = { ...paperLoss, ceMode: 'logits', gamma2: 1, useContrastive: false };
    expect(await total(logits)).toBeCloseTo(0.450058, 5);
  });

  test('without adapters, TF and VT it is CLIP itself', async () => {
    const weights = Object.fromEntries(
      Object.entries(initialHead(6, createRng(1))).map(([name, { shape, data }]) => [
        name,
        tf.tensor(data, shape),
      ]),
    );
    const image = tf.randomNormal([3, 6], 0, 1, 'float32', 1) as tf.Tensor2D;
    const text = tf.randomNormal([2, 6], 0, 1, 'float32', 2) as tf.Tensor2D;
    const plain: HeadConfig = {
      alpha: [0, 1],
      beta: [0, 1],
      gamma1: 0,
      adText: 'adapted',
      useTF: false,
      useVT: true,
    };
    const features = enhance(image, text, weights, plain);
    const difference = tf.max(tf.abs(tf.sub(cosines(features.image, features.text), cosines(image, text))));
    expect((await difference.data())[0]).toBeLessThan(1e-6);
  });
});

test('the head has as many parameters as the specification counts (13)', () => {
  const count = Object.values(initialHead(640, zeroRng)).reduce((sum, { data }) => sum + data.length, 0);
  expect(count).toBe(11_480_960);
});
