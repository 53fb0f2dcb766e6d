import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRng } from '../random/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends } from '../testing/backends.fixture.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { type ResNetConfig, stem } from './config.js';
import { convolve, readFolded } from './folded-convolution.js';
import { randomResNetWeights } from './random-weights.js';

const layout: ResNetConfig = { blocks: [1, 1, 1, 1], width: 2 };
const [gamma, beta] = [2, -3];
const weights = withNorm(randomResNetWeights(layout, createRng(1)), { weight: gamma, bias: beta });

describeOnBackends('a convolution that normalises with its images', () => {
  test('has the mean β and the deviation γ in every channel', async () => {
    const owned: tf.Tensor[] = [];
    const convolution = await readFolded(weights, stem, 'batch', owned);
    const { mean, variance } = tf.tidy(() =>
      tf.moments(convolve(tf.randomNormal([2, 12, 12, 3], 5, 2, 'float32', 1), convolution), [0, 1, 2]),
    );
    expect(largestDifference(await mean.data(), new Float32Array(64).fill(beta))).toBeLessThan(1e-4);
    expect(largestDifference(await variance.data(), new Float32Array(64).fill(gamma ** 2))).toBeLessThan(
      1e-3,
    );
    tf.dispose([mean, variance, ...owned]);
  });
});

/** The same weights with other constants in every batch norm. */
function withNorm(checkpoint: Checkpoint, constants: Readonly<Record<string, number>>): Checkpoint {
  return {
    shapes: checkpoint.shapes,
    async read(name) {
      const values = await checkpoint.read(name);
      const constant = constants[name.split('.').at(-1) ?? ''];
      return name.includes('bn') && constant !== undefined ? values.fill(constant) : values;
    },
  };
}
