import { ArgumentError } from '@anomclip/core';
import { setUpBackend } from '@anomclip/core/backend';
import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { contrastiveLoss } from './contrastive-loss.js';
import { disentanglementLoss, orthonormalColumns } from './disentanglement-loss.js';
import { normalcyLoss } from './normalcy-loss.js';

const settings = { temperature: 0.07, denominator: 'negatives', reduction: 'sum' } as const;
const value = (make: () => tf.Scalar) => tf.tidy(() => make().dataSync()[0]);
const rowsOf = (count: number, row: readonly number[]) =>
  tf.tensor2d(Array.from({ length: count }, () => [...row]));

const fpfhOf = (values: Float32Array) => tf.tensor2d(values, [values.length / 33, 33]);

beforeAll(() => setUpBackend('cpu'));

test('alike embeddings have the printed contrastive losses', () => {
  expect(value(() => contrastiveLoss(rowsOf(272, [3, 4]), 16, settings))).toBeCloseTo(88.7228, 3);
  expect(value(() => contrastiveLoss(rowsOf(3, [3, 4]), 2, settings))).toBeCloseTo(0, 6);
});

test('opposite pseudo patches give the printed loss, and the mean is a sixteenth of the sum', () => {
  const make = () => tf.concat([rowsOf(16, [1, 0]), rowsOf(256, [-1, 0])]) as tf.Tensor2D;
  expect(value(() => contrastiveLoss(make(), 16, settings))).toBeCloseTo(-368.42, 2);
  const mean = value(() => contrastiveLoss(make(), 16, { ...settings, reduction: 'mean' }));
  expect(mean).toBeCloseTo(-368.42 / 16, 3);
});

test('one normal patch has no pair, and none is refused', () => {
  expect(value(() => contrastiveLoss(rowsOf(3, [1, 2]), 1, settings))).toBe(0);
  expect(() => contrastiveLoss(rowsOf(3, [1, 2]), 0, settings)).toThrow(ArgumentError);
  expect(() => contrastiveLoss(rowsOf(3, [1, 2]), 3, settings)).toThrow(ArgumentError);
});

test('an embedding of zeros has finite gradients', () => {
  const gradient = tf.grad((x) => contrastiveLoss(x as tf.Tensor2D, 2, settings))(tf.zeros([4, 3]));
  expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
});

test('FPFH itself has the largest disentanglement loss, its opposite the smallest, zeros none', () => {
  const rng = createRng('fpfh');
  const fpfh = Float32Array.from({ length: 66 }, (_, i) => (i % 33 === 32 ? 0 : rng.uniform(0, 100)));
  const learned = (factor: number) =>
    tf.tensor2d(
      [0, 1].map((row) => [...fpfh.subarray(33 * row, 33 * row + 32)].map((each) => factor * each)),
    );
  const loss = (factor: number, form: 'cos' | 'abs' | 'square' = 'cos') =>
    value(() => disentanglementLoss(learned(factor), fpfhOf(fpfh), { match: 'pad', form }));
  expect(loss(0.01)).toBeCloseTo(1, 5);
  expect(loss(-0.01)).toBeCloseTo(-1, 5);
  expect(loss(-0.01, 'abs')).toBeCloseTo(1, 5);
  expect(loss(-0.01, 'square')).toBeCloseTo(1, 5);
  expect(loss(0)).toBe(0);
});

test('rows without FPFH are skipped', () => {
  const fpfh = new Float32Array(66);
  fpfh[0] = 5;
  const loss = value(() =>
    disentanglementLoss(rowsOf(2, [1, 0]), fpfhOf(fpfh), { match: 'pad', form: 'cos' }),
  );
  expect(loss).toBeCloseTo(1, 6);
  const nothing = value(() =>
    disentanglementLoss(rowsOf(2, [1, 0]), fpfhOf(fpfh.fill(0)), { match: 'pad', form: 'cos' }),
  );
  expect(nothing).toBe(0);
});

test('the last bin counts in the length with pad, and not with drop-last', () => {
  const fpfh = new Float32Array(33);
  fpfh[0] = 3;
  fpfh[32] = 4;
  const loss = (match: 'pad' | 'drop-last') =>
    value(() =>
      disentanglementLoss(rowsOf(1, [1, ...new Array(31).fill(0)]), fpfhOf(fpfh), { match, form: 'cos' }),
    );
  expect(loss('pad')).toBeCloseTo(0.6, 6);
  expect(loss('drop-last')).toBeCloseTo(1, 6);
});

test('a projection has orthonormal columns and is what FPFH is compared through', () => {
  const projection = orthonormalColumns(33, 4, createRng('rd'));
  const column = (i: number) => Array.from({ length: 33 }, (_, k) => projection[4 * k + i]);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      const product = column(i).reduce((sum, each, k) => sum + each * column(j)[k], 0);
      expect(product).toBeCloseTo(i === j ? 1 : 0, 6);
    }
  }
  const fpfh = Float32Array.from(column(2));
  const options = { match: 'project', form: 'cos', projection } as const;
  expect(value(() => disentanglementLoss(rowsOf(1, [0, 0, 1, 0]), fpfhOf(fpfh), options))).toBeCloseTo(1, 5);
  expect(() => disentanglementLoss(rowsOf(1, [0, 0, 1]), fpfhOf(fpfh), options)).toThrow(
    'a projection of [33, 3]',
  );
  expect(() => orthonormalColumns(33, 34, createRng(0))).toThrow(ArgumentError);
});

test('balanced, both kinds of patches weigh alike', () => {
  const logits = tf.tensor2d([
    [2, 0],
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  const [normal, anomalous] = [Math.log1p(Math.exp(-2)), Math.log1p(Math.exp(-1))];
  expect(value(() => normalcyLoss(logits, 1, 'none'))).toBeCloseTo((normal + 3 * anomalous) / 4, 6);
  expect(value(() => normalcyLoss(logits, 1, 'balanced'))).toBeCloseTo((normal + anomalous) / 2, 6);
});
