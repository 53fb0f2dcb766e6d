import { createRng } from '@anomclip/core/random';
import { normalise } from '@anomclip/core/tensor';
import type { Correspondences } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { disposeTensors } from '../../../core/src/training/dispose-tensors.js';
import { pointadBatch } from './batch.js';
import { pointadConfig } from './config.js';
import { directLoss } from './direct-loss.fixture.js';
import { type HybridLossConfig, hybridLoss, lossTerms, type PointadBatch } from './hybrid-loss.js';
import { diceTargets } from './targets.js';

const [views, size, side, width] = [3, 12, 3, 5];
const cells = 40;
const rng = createRng('hybrid loss');

/** A sample whose cells lie anywhere, some of them empty. */
function randomSample(seed: number) {
  const draws = rng.fork(seed);
  const flags = (count: number, share: number) =>
    Uint8Array.from({ length: count }, () => Number(draws.boolean(share)));
  const foreground = flags(cells, 0.7);
  const visible = flags(views * cells, 0.5).map((flag, at) => flag && foreground[at % cells]);
  for (let cell = 0; cell < cells; cell++) visible[cell] = foreground[cell]; // the first view sees all
  const correspondences: Correspondences = {
    viewCount: views,
    pointCount: cells,
    size,
    pixels: Uint16Array.from({ length: 2 * views * cells }, () => draws.integer(0, size)),
    visible,
    foreground,
  };
  const unit = (rows: number) =>
    tf.tidy(() => {
      const values = Float32Array.from({ length: rows * width }, () => draws.normal());
      return normalise(tf.tensor2d(values, [rows, width]))
        .dataSync<'float32'>()
        .slice();
    });
  return {
    sample: {
      correspondences,
      targets: flags(cells, 0.3).map((flag, cell) => flag && foreground[cell]),
      masks: flags(views * size * size, 0.2),
      label: (seed % 2) as 0 | 1,
      viewLabels: flags(views, 0.5),
    },
    features: new Map([
      ['image', { shape: [views, width], data: unit(views) }],
      ['patches', { shape: [views, side * side, width], data: unit(views * side * side) }],
    ]),
  };
}

function batchOf(
  samples: readonly ReturnType<typeof randomSample>[],
  given: Parameters<typeof pointadConfig>[0] = {},
): PointadBatch {
  const config = pointadConfig(given);
  return pointadBatch(
    samples.map(({ sample, features }) => [{ ...sample, dice: diceTargets(sample, side, config) }, features]),
  );
}

const config: HybridLossConfig = {
  temperature: 0.07,
  loss: { enable: lossTerms, globalMil: 'meanLogit', milGrouping: 'perSample' },
};
const withLoss = (loss: Partial<HybridLossConfig['loss']>) => ({
  ...config,
  loss: { ...config.loss, ...loss },
});
const randomText = () =>
  tf.tidy(() => normalise(tf.tensor2d([1, -0.5, 0.2, 0.3, 0, 0.8, -0.7, 0.3, 0.1, 0.2], [2, width])));

describe.each(['cpu', 'wasm'] as const)('the hybrid loss on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test('equals maps read at every point, in value and in gradient', async () => {
    const samples = [randomSample(0), randomSample(1)];
    const before = tf.memory().numTensors;
    const batch = batchOf(samples);
    const text = randomText();
    const direct = (given: tf.Tensor2D) =>
      directLoss(
        {
          correspondences: samples.map(({ sample }) => sample.correspondences),
          image: batch.image,
          patches: batch.patches[0],
          labels: batch.labels,
          viewLabels: batch.viewLabels,
          viewMasks: batch.viewMasks,
          targets: tf.tensor2d(Float32Array.from(samples.flatMap(({ sample }) => [...sample.targets])), [
            samples.length,
            cells,
          ]),
        },
        given,
      );
    const expected = tf.tidy(() => tf.stack(direct(text)));
    const terms = hybridLoss(batch, text, config);
    const values = await Promise.all(
      lossTerms.map(async (term) => (await terms[term]?.data())?.[0] ?? Number.NaN),
    );
    expect(largestDifference(values, await expected.data())).toBeLessThan(2e-6);

    // The direct path cannot be differentiated through the texts by our own product: compare by finite differences.
    const total = (given: tf.Tensor) => tf.addN(direct(given as tf.Tensor2D)) as tf.Scalar;
    const gradient = tf.grad((given) =>
      tf.addN(Object.values(hybridLoss(batch, given as tf.Tensor2D, config))),
    )(text);
    const slopes = await gradient.data();
    const base = await text.data();
    const [step, scale] = [2e-3, Math.max(...slopes.map(Math.abs))];
    for (let i = 0; i < slopes.length; i++) {
      const moved = [-step, step].map((change) => {
        const shifted = tf.tidy(() =>
          total(
            tf.tensor2d(
              base.map((value, at) => (at === i ? value + change : value)),
              [2, width],
            ),
          ),
        );
        const [value] = shifted.dataSync();
        shifted.dispose();
        return value;
      });
      expect(Math.abs((moved[1] - moved[0]) / (2 * step) - slopes[i]) / scale).toBeLessThan(5e-3);
    }
    tf.dispose([text, expected, gradient, ...Object.values(terms)]);
    disposeTensors(batch);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('batchInterleaved averages the printed rows of the flattened views (pointad.md 11.4)', async () => {
    // 4 samples × 9 views whose logits are their row: the mean of row r is then (r + r + 4 + … + r + 32) / 9 = r + 16.
    const rows = Array.from({ length: 36 }, (_, row) => row);
    const image = tf.tensor2d(
      rows.flatMap((row) => [row / 100, 0]),
      [36, 2],
    );
    const text = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    const labels = tf.tensor1d([0, 0, 0, 0], 'int32');
    const batch = { samples: 4, views: 9, image, labels } as unknown as PointadBatch;
    const lossOf = async (milGrouping: 'perSample' | 'batchInterleaved') => {
      const loss = hybridLoss(batch, text, {
        temperature: 0.01,
        loss: { enable: ['pointGlobal'], globalMil: 'meanLogit', milGrouping },
      }).pointGlobal;
      const value = (await loss?.data())?.[0];
      loss?.dispose();
      return value;
    };
    const softplus = (x: number) => Math.log1p(Math.exp(-x));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(await lossOf('batchInterleaved')).toBeCloseTo(
      mean([0, 1, 2, 3].map((row) => softplus(row + 16))),
      6,
    );
    // Sample s holds rows 9s … 9s + 8, whose mean is 9s + 4.
    expect(await lossOf('perSample')).toBeCloseTo(
      mean([0, 1, 2, 3].map((sample) => softplus(9 * sample + 4))),
      6,
    );
    tf.dispose([image, text, labels]);
  });

  test('with one sample both groupings agree', async () => {
    const batch = batchOf([randomSample(2)]);
    const text = randomText();
    const values = (['perSample', 'batchInterleaved'] as const).map((milGrouping) =>
      tf.tidy(() => hybridLoss(batch, text, withLoss({ milGrouping })).pointGlobal?.dataSync()[0]),
    );
    expect(values[0]).toBe(values[1]);
    text.dispose();
    disposeTensors(batch);
  });

  test('the mean of probabilities is what the paper has in its cross-entropy', () => {
    tf.tidy(() => {
      const image = tf.tensor2d([0.1, 0.3, 0.2, -0.1], [2, 2]);
      const text = tf.tensor2d([1, 0, 0, 1], [2, 2]);
      const labels = tf.tensor1d([1], 'int32');
      const batch = { samples: 1, views: 2, image, labels } as unknown as PointadBatch;
      const paper = withLoss({ enable: ['pointGlobal'], globalMil: 'meanProbability' });
      const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
      const expected = -Math.log((sigmoid(0.2 / 0.07) + sigmoid(-0.3 / 0.07)) / 2);
      expect(hybridLoss(batch, text, paper).pointGlobal?.dataSync()[0]).toBeCloseTo(expected, 5);
    });
  });

  test('only enabled terms are computed', () => {
    const batch = batchOf([randomSample(3)]);
    const text = randomText();
    const terms = hybridLoss(batch, text, withLoss({ enable: ['viewGlobal', 'pointLocal'] }));
    expect(Object.keys(terms).sort()).toEqual(['pointLocal', 'viewGlobal']);
    tf.dispose([text, ...Object.values(terms)]);
    disposeTensors(batch);
  });

  test('two equal feature layers give twice the local losses', () => {
    const batch = batchOf([randomSample(4)]);
    const text = randomText();
    const enable = ['pointLocal', 'viewLocal'] as const;
    const once = hybridLoss(batch, text, withLoss({ enable }));
    const twice = hybridLoss(
      { ...batch, patches: [batch.patches[0], batch.patches[0]] },
      text,
      withLoss({ enable }),
    );
    for (const term of enable) {
      expect(twice[term]?.dataSync()[0]).toBeCloseTo(2 * (once[term]?.dataSync()[0] ?? 0), 5);
    }
    tf.dispose([text, ...Object.values(once), ...Object.values(twice)]);
    disposeTensors(batch);
  });

  test('empty cells count as normal ones of no probability, or not at all', () => {
    const random = randomSample(5);
    const text = randomText();
    const lossOf = (
      samples: readonly ReturnType<typeof randomSample>[],
      background: 'zeroFill' | 'exclude',
    ) => {
      const batch = batchOf(samples, { loss: { background } });
      const value = tf.tidy(
        () => hybridLoss(batch, text, withLoss({ enable: ['pointLocal'] })).pointLocal?.dataSync()[0],
      );
      disposeTensors(batch);
      return value;
    };
    const { sample } = random;
    const marked = sample.targets.map((flag, cell) => (sample.correspondences.foreground[cell] ? flag : 1));
    const withMarkedBackground = { ...random, sample: { ...sample, targets: marked } };
    expect(lossOf([withMarkedBackground], 'exclude')).toBe(lossOf([random], 'exclude'));
    expect(lossOf([withMarkedBackground], 'zeroFill')).not.toBeCloseTo(lossOf([random], 'zeroFill') ?? 0, 3);
    expect(lossOf([random], 'zeroFill')).toBeGreaterThan(lossOf([random], 'exclude') ?? 9);
    text.dispose();
  });
});
