import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f1Max } from './f1-max.js';
import { specificationMaps, tiedScores } from './fixtures.js';

describe('f1Max', () => {
  test('equals the values worked out in the specification', () => {
    const scores = Float64Array.of(0.1, 0.4, 0.4, 0.8, 0.4, 0.4, 0.9, 0.2);
    const labels = Uint8Array.of(0, 0, 1, 1, 1, 0, 1, 0);
    expect(f1Max(scores, labels)).toEqual({ value: 0.8, threshold: 0.4, precision: 4 / 6, recall: 1 });
    const { maps, masks } = specificationMaps();
    const { value, threshold } = f1Max(maps, masks);
    expect(value).toBeCloseTo(0.8333333333, 10);
    expect(threshold).toBeCloseTo(0.5832007061, 10);
    const rounded = specificationMaps((score) => Math.floor(20 * score) / 20);
    expect(f1Max(rounded.maps, rounded.masks).value).toBeCloseTo(0.8085106383, 10);
    expect(f1Max(rounded.maps, rounded.masks).threshold).toBe(0.6);
  });

  test('is the best F score over all thresholds, at the lowest of the best ones', () => {
    fc.assert(
      fc.property(tiedScores, fc.constantFrom(0.5, 1, 2), ({ scores, labels }, fBeta) => {
        let best = { value: -1, threshold: 0, precision: 0, recall: 0 };
        for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
          const count = (label: number, predicted: boolean) =>
            scores.filter((score, i) => labels[i] === label && score >= threshold === predicted).length;
          const precision = count(1, true) / (count(1, true) + count(0, true));
          const recall = count(1, true) / (count(1, true) + count(1, false));
          const weighted = fBeta ** 2 * precision + recall;
          const value = weighted === 0 ? 0 : ((1 + fBeta ** 2) * precision * recall) / weighted;
          if (value >= best.value - 1e-12) best = { value, threshold, precision, recall };
        }
        const result = f1Max(scores, labels, { fBeta });
        expect(result.value).toBeCloseTo(best.value, 12);
        expect(result.threshold).toBe(best.threshold + 0);
        expect(result.precision).toBeCloseTo(best.precision, 12);
        expect(result.recall).toBeCloseTo(best.recall, 12);
      }),
      { seed: 5 },
    );
  });

  test('is NaN without an anomalous element, 1 without a normal one, 2P / (2P + N) when all tie', () => {
    expect(f1Max(Float32Array.of(1, 2), Uint8Array.of(0, 0))).toEqual({
      value: NaN,
      threshold: NaN,
      precision: NaN,
      recall: NaN,
    });
    expect(f1Max(Float32Array.of(1, 2), Uint8Array.of(1, 1))).toEqual({
      value: 1,
      threshold: 1,
      precision: 1,
      recall: 1,
    });
    expect(f1Max(new Float32Array(5), Uint8Array.of(1, 0, 0, 1, 0)).value).toBe(4 / 7);
  });

  test('refuses a beta that is not positive', () => {
    expect(() => f1Max(new Float32Array(1), new Uint8Array(1), { fBeta: 0 })).toThrow(/fBeta > 0/);
  });
});
