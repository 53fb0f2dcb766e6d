import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atThresholds } from './at-thresholds.js';
import { ratesFromScratch, smallTestSet, tiedScores } from './fixtures.js';

const anyThresholds = fc.array(
  fc.oneof(
    fc.integer({ min: -9, max: 9 }).map((value) => value / 8),
    fc.constantFrom(Infinity, -Infinity, 0.3),
  ),
);

describe('atThresholds', () => {
  test('counts what "score ≥ threshold" gives, in the order of the thresholds', () => {
    fc.assert(
      fc.property(tiedScores, anyThresholds, ({ scores, labels }, thresholds) => {
        const result = atThresholds(scores, labels, thresholds);
        for (const [i, threshold] of thresholds.entries()) {
          const count = (label: number, predicted: boolean) =>
            scores.filter((score, at) => labels[at] === label && score >= threshold === predicted).length;
          const [tp, fp, fn, tn] = [count(1, true), count(0, true), count(1, false), count(0, false)];
          expect(result.threshold[i]).toBe(threshold);
          expect(result.truePositives[i]).toBe(tp);
          expect(result.falsePositives[i]).toBe(fp);
          expect(result.falseNegatives[i]).toBe(fn);
          expect(result.trueNegatives[i]).toBe(tn);
          expect(result.precision[i]).toBe(tp / (tp + fp));
          expect(result.recall[i]).toBe(tp / (tp + fn));
          expect(result.fpr[i]).toBe(fp / (fp + tn));
          expect(result.iou[i]).toBe(tp / (tp + fp + fn));
          expect(result.f1[i]).toBeCloseTo((2 * tp) / (2 * tp + fp + fn), 12);
          expect(result.pro[i]).toBeNaN();
        }
      }),
      { seed: 22 },
    );
  });

  test('of maps gives PRO too', () => {
    fc.assert(
      fc.property(smallTestSet, anyThresholds, ({ maps, masks }, thresholds) => {
        const result = atThresholds(maps, masks, thresholds);
        for (const [i, threshold] of thresholds.entries()) {
          const { fpr, pro } = ratesFromScratch(maps, masks, (score) => score >= threshold);
          expect(result.pro[i]).toBeCloseTo(pro, 12);
          expect(result.fpr[i]).toBeCloseTo(fpr, 12);
        }
      }),
      { seed: 23 },
    );
  });

  test('refuses NaN as a threshold', () => {
    expect(() => atThresholds(new Float32Array(1), new Uint8Array(1), [NaN])).toThrow(
      /numbers as thresholds/,
    );
  });
});
