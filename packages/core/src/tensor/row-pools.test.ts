import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRng } from '../random/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends } from '../testing/backends.fixture.js';
import { columnMeans, columnSums, groupMaxima } from './row-pools.js';

describeOnBackends('row pools', () => {
  test.each([1, 3, 24, 640])(
    'column sums of %i rows are those of a loop, and nothing else stays',
    async (count) => {
      const rng = createRng(count);
      const values = Float32Array.from({ length: 5 * count }, () => rng.uniform(-1, 1));
      const expected = new Float64Array(5);
      values.forEach((value, i) => {
        expected[i % 5] += value;
      });
      const x = tf.tensor2d(values, [count, 5]);
      const before = tf.memory().numTensors;
      const [sums, means] = [columnSums(x), columnMeans(x)];
      expect(tf.memory().numTensors).toBe(before + 2);
      expect(sums.shape).toEqual([5]);
      expect(largestDifference(await sums.data(), expected)).toBeLessThan(1e-4);
      expect(
        largestDifference(
          await means.data(),
          expected.map((sum) => sum / count),
        ),
      ).toBeLessThan(1e-6);
      tf.dispose([x, sums, means]);
    },
  );

  test('group maxima are those of the rows of each group', async () => {
    const x = tf.tensor2d([-1, 5, -3, 4, -2, 9, 0, 0, 7, -8, 1, 2], [6, 2]);
    const maxima = groupMaxima(x, 3);
    expect(maxima.shape).toEqual([2, 2]);
    expect([...(await maxima.data())]).toEqual([-1, 9, 7, 2]);
    tf.dispose([x, maxima]);
  });
});
