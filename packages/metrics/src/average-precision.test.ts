import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aupr, averagePrecision } from './average-precision.js';
import { specificationMaps, tiedScores, trapezoids } from './fixtures.js';

const scores = Float32Array.of(0.1, 0.4, 0.4, 0.8, 0.4, 0.4, 0.9, 0.2);
const labels = Uint8Array.of(0, 0, 1, 1, 1, 0, 1, 0);

describe('averagePrecision and aupr', () => {
  test('equal the values worked out in the specification', () => {
    expect(averagePrecision(scores, labels)).toBeCloseTo(0.8333333333, 10);
    expect(aupr(scores, labels)).toBe(averagePrecision(scores, labels));
    expect(aupr(scores, labels, { rule: 'trapezoid' })).toBeCloseTo(0.9166666667, 10);
    const { maps, masks } = specificationMaps();
    expect(averagePrecision(maps, masks)).toBeCloseTo(0.829104615, 10);
    const rounded = specificationMaps((score) => Math.floor(20 * score) / 20);
    expect(averagePrecision(rounded.maps, rounded.masks)).toBeCloseTo(0.7984216457, 10);
  });

  test('equal steps and trapezoids under precision and recall recomputed at every threshold', () => {
    fc.assert(
      fc.property(tiedScores, ({ scores, labels }) => {
        const points = [...new Set(scores)]
          .sort((a, b) => b - a)
          .map((threshold) => {
            const predicted = labels.filter((_, i) => scores[i] >= threshold);
            const found = predicted.filter((label) => label === 1).length;
            return {
              recall: found / labels.filter((label) => label === 1).length,
              precision: found / predicted.length,
            };
          });
        const recall = [0, ...points.map((point) => point.recall)];
        const precision = [1, ...points.map((point) => point.precision)];
        const steps = points.reduce((sum, point, i) => sum + (point.recall - recall[i]) * point.precision, 0);
        expect(averagePrecision(scores, labels)).toBeCloseTo(steps, 12);
        expect(aupr(scores, labels, { rule: 'trapezoid' })).toBeCloseTo(trapezoids(recall, precision), 12);
        expect(averagePrecision(scores.map(Math.exp), labels)).toBe(averagePrecision(scores, labels));
      }),
      { seed: 4 },
    );
  });

  test('are NaN without an anomalous element, 1 without a normal one, the anomalous share when all tie', () => {
    expect(averagePrecision(Float32Array.of(1, 2), Uint8Array.of(0, 0))).toBeNaN();
    expect(aupr(new Float32Array(0), new Uint8Array(0), { rule: 'trapezoid' })).toBeNaN();
    expect(averagePrecision(Float32Array.of(1, 2), Uint8Array.of(1, 1))).toBe(1);
    expect(averagePrecision(new Float32Array(8), Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0))).toBe(0.25);
  });

  test('refuse an unknown rule', () => {
    expect(() => aupr(scores, labels, { rule: 'simpson' as 'step' })).toThrow(
      /rule to be 'step' or 'trapezoid'/,
    );
  });
});
