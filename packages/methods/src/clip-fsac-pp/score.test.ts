import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { describeOnBackends } from '../../../core/src/testing/backends.fixture.js';
import type { HeadWeights } from '../heads/weights.js';
import { adaptText, cosines, enhance, initialHead } from './head.js';
import { anomalyScore, enhanceAlone, marginsAlone, marginsInGroups, type ScoreConfig } from './score.js';

const width = 6;
const config: ScoreConfig = {
  alpha: [0.4, 0.6],
  beta: [0.4, 0.6],
  gamma1: 0.7,
  adText: 'adapted',
  useTF: true,
  useVT: true,
  tau: 0.07,
};
const zeroShot: ScoreConfig = { ...config, alpha: [0, 1], beta: [0, 1], gamma1: 0, useTF: false };

describeOnBackends('scores of CLIP-FSAC++', (backend) => {
  const tolerance = backend === 'webgpu' ? 1e-4 : 1e-5;
  let weights: HeadWeights;
  let image: tf.Tensor2D;
  let text: tf.Tensor2D;
  beforeAll(() => {
    weights = Object.fromEntries(
      Object.entries(initialHead(width, createRng(3))).map(([name, { shape, data }]) => [
        name,
        tf.tensor(data, shape),
      ]),
    );
    image = tf.randomNormal([5, width], 0, 1, 'float32', 1);
    text = tf.randomNormal([2, width], 0, 1, 'float32', 2);
  });
  const differ = async (a: tf.Tensor, b: tf.Tensor) => largestDifference(await a.data(), await b.data());

  test.each(['adapted', 'original'] as const)(
    'images that are scored together have the features they have alone (%s texts)',
    async (adText) => {
      const before = tf.memory().numTensors;
      const together = enhanceAlone(image, text, weights, { ...config, adText });
      for (let i = 0; i < 5; i++) {
        const one = enhance(tf.slice(image, [i, 0], [1, -1]), text, weights, { ...config, adText });
        const rows = [together.image, together.normalText, together.anomalousText].map((all) =>
          tf.slice(all, [i, 0], [1, -1]),
        );
        expect(await differ(rows[0], one.image)).toBeLessThan(tolerance);
        expect(await differ(tf.concat(rows.slice(1)), one.text)).toBeLessThan(tolerance);
      }
      const margins = marginsAlone(image, text, weights, config);
      tf.dispose([margins, Object.values(together)]);
      // What the test itself made: per image a slice, three features, three rows and their concatenation.
      expect(tf.memory().numTensors).toBe(before + 5 * 8);
    },
  );

  test('cosines of 0.28 and 0.31 score 0.605532 (clip-fsac-pp.md 16)', async () => {
    const row = [0.28, 0.31, Math.sqrt(1 - 0.28 ** 2 - 0.31 ** 2), 0, 0, 0];
    const axes = tf.tensor2d([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], [2, width]);
    const embedding = tf.tensor2d(row, [1, width]);
    const digits = backend === 'webgpu' ? 4 : 5;
    const [alone] = await marginsAlone(embedding, axes, weights, zeroShot).data();
    expect(anomalyScore(alone)).toBeCloseTo(0.605532, digits);
    const groups = { size: 16, drift: false };
    const [grouped] = await marginsInGroups(embedding, axes, weights, zeroShot, groups).data();
    expect(anomalyScore(grouped)).toBeCloseTo(0.605532, digits);
  });

  test('images that are surely anomalous still have an order', () => {
    const surest = 2 / 0.07;
    expect(anomalyScore(surest)).toBeGreaterThan(anomalyScore(surest - 0.01));
    expect(anomalyScore(surest)).toBeLessThan(1);
    expect(anomalyScore(-surest)).toBeGreaterThan(0);
  });

  test('without adapters, TF and VT the score is that of CLIP with its prompts', async () => {
    const [normal, anomalous] = [0, 1].map((i) => tf.slice(cosines(image, text), [0, i], [-1, 1]));
    const expected = tf.div(tf.sub(anomalous, normal), 0.07);
    expect(await differ(marginsAlone(image, text, weights, zeroShot), expected)).toBeLessThan(tolerance);
  });

  test.each([{ gamma1: 0 }, { useVT: false }])(
    'with %o scores do not depend on the group',
    async (change) => {
      const alone = marginsAlone(image, text, weights, { ...config, ...change });
      const grouped = (size: number) =>
        marginsInGroups(image, text, weights, { ...config, ...change }, { size, drift: false });
      expect(await differ(alone, grouped(2))).toBeLessThan(tolerance);
      expect(await differ(alone, grouped(16))).toBeLessThan(tolerance);
    },
  );

  test('with VT they do, and groups of one are images alone', async () => {
    const alone = marginsAlone(image, text, weights, config);
    const grouped = (size: number) => marginsInGroups(image, text, weights, config, { size, drift: false });
    expect(await differ(alone, grouped(1))).toBeLessThan(tolerance);
    expect(await differ(alone, grouped(3))).toBeGreaterThan(1e-3);
  });

  test('texts drift by one adaptation per group when asked to', async () => {
    const original: ScoreConfig = { ...config, adText: 'original' };
    const drifted = await marginsInGroups(image, text, weights, original, { size: 2, drift: true }).data();
    let current = text;
    for (let group = 0; group < 3; group++) {
      const rows = tf.slice(image, [2 * group, 0], [group === 2 ? 1 : 2, -1]);
      // What reads the drifted texts as if they were the class's own has ψ = Aᵇ(T) and AT = Aᵇ⁺¹(T).
      const scores = marginsInGroups(rows, current, weights, original, { size: 2, drift: false });
      expect(largestDifference(await scores.data(), drifted.slice(2 * group, 2 * group + 2))).toBeLessThan(
        1e-5,
      );
      current = adaptText(current, weights, original);
    }
  });

  test('no similarity changes when a row is scaled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.01, max: 100, noNaN: true }), async (factor) => {
        const scaled = [cosines(tf.mul(image, factor), text), cosines(image, tf.mul(text, factor))];
        for (const each of scaled) expect(await differ(each, cosines(image, text))).toBeLessThan(tolerance);
      }),
      { seed: 7, numRuns: 20 },
    );
  });
});
