import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { MetricsInputError } from './errors.js';
import { specificationMaps, tiedScores, trapezoids } from './fixtures.js';

const scores = Float32Array.of(0.1, 0.4, 0.4, 0.8, 0.4, 0.4, 0.9, 0.2);
const labels = Uint8Array.of(0, 0, 1, 1, 1, 0, 1, 0);

describe('auroc', () => {
  test('equals the values worked out in the specification', () => {
    expect(auroc(scores, labels)).toBe(0.875);
    const { maps, masks } = specificationMaps();
    expect(auroc(maps, masks)).toBeCloseTo(0.9528741974, 10);
    const rounded = specificationMaps((score) => Math.floor(20 * score) / 20);
    expect(auroc(rounded.maps, rounded.masks)).toBeCloseTo(0.9522973515, 10);
  });

  test('is the share of pairs that are ranked rightly, ties one half', () => {
    fc.assert(
      fc.property(tiedScores, ({ scores, labels }) => {
        let [right, pairs] = [0, 0];
        for (let a = 0; a < scores.length; a++) {
          for (let n = 0; n < scores.length; n++) {
            if (labels[a] === 0 || labels[n] !== 0) continue;
            right += scores[a] > scores[n] ? 1 : scores[a] === scores[n] ? 0.5 : 0;
            pairs++;
          }
        }
        expect(auroc(scores, labels)).toBeCloseTo(right / pairs, 12);
        expect(auroc(Float64Array.from(scores), labels)).toBe(auroc(scores, labels));
      }),
      { seed: 1 },
    );
  });

  test('up to a limit is the area of the ROC polygon left of it, divided by it', () => {
    fc.assert(
      fc.property(
        tiedScores,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        ({ scores, labels }, fprLimit) => {
          const thresholds = [Infinity, ...[...new Set(scores)].sort((a, b) => b - a)];
          const rate = (label: number) =>
            thresholds.map((threshold) => {
              const own = scores.filter((_, i) => labels[i] === label);
              return own.filter((score) => score >= threshold).length / own.length;
            });
          const expected = trapezoids(rate(0), rate(1), fprLimit) / fprLimit;
          expect(auroc(scores, labels, { fprLimit })).toBeCloseTo(expected, 10);
        },
      ),
      { seed: 2 },
    );
  });

  test('does not change when scores are mapped by a rising function, or negated with the labels swapped', () => {
    fc.assert(
      fc.property(tiedScores, ({ scores, labels }) => {
        const value = auroc(scores, labels);
        expect(auroc(scores.map(Math.exp), labels)).toBe(value);
        const swapped = labels.map((label) => 1 - label);
        expect(
          auroc(
            scores.map((score) => -score),
            swapped,
          ),
        ).toBeCloseTo(value, 12);
        expect(auroc(scores, swapped)).toBeCloseTo(1 - value, 12);
      }),
      { seed: 3 },
    );
  });

  test('is one half when all scores are equal, 1 in perfect order and 0 in the opposite one', () => {
    expect(auroc(new Float32Array(4), Uint8Array.of(0, 1, 1, 0))).toBe(0.5);
    expect(auroc(Float32Array.of(1, 2, 3), Uint8Array.of(0, 0, 7))).toBe(1);
    expect(auroc(Float32Array.of(1, 2, 3), Uint8Array.of(1, 0, 0))).toBe(0);
  });

  test('is NaN without a normal, without an anomalous, and without any element', () => {
    expect(auroc(Float32Array.of(1, 2), Uint8Array.of(0, 0))).toBeNaN();
    expect(auroc(Float32Array.of(1, 2), Uint8Array.of(1, 1))).toBeNaN();
    expect(auroc(new Float32Array(0), new Uint8Array(0))).toBeNaN();
    expect(auroc([], [])).toBeNaN();
  });

  test.each([Float32Array, Float64Array])('ranks infinities as numbers and −0 as 0 in a %o', (Type) => {
    expect(auroc(Type.of(-Infinity, 0, Infinity), Uint8Array.of(0, 0, 1))).toBe(1);
    expect(auroc(Type.of(-Infinity, 0), Uint8Array.of(1, 0))).toBe(0);
    expect(auroc(Type.of(-0, 0), Uint8Array.of(1, 0))).toBe(0.5);
    expect(auroc(Type.of(0, -0), Uint8Array.of(1, 0))).toBe(0.5);
  });

  test.each([Float32Array, Float64Array])(
    'lets NaN rank beyond even the infinities of a %o when told to',
    (Type) => {
      const given = Type.of(NaN, -Infinity, 3);
      expect(auroc(given, Uint8Array.of(0, 1, 1), { nan: 'lowest' })).toBe(1);
      expect(auroc(given, Uint8Array.of(0, 1, 1), { nan: 'highest' })).toBe(0);
      expect(auroc(Type.of(Infinity, NaN), Uint8Array.of(0, 1), { nan: 'highest' })).toBe(1);
      expect(auroc(Type.of(NaN, NaN), Uint8Array.of(0, 1), { nan: 'lowest' })).toBe(0.5);
    },
  );

  test('throws on NaN, naming the place', () => {
    expect(() => auroc(Float32Array.of(1, NaN), Uint8Array.of(0, 1))).toThrow(/NaN at index 1/);
    const { maps, masks } = specificationMaps();
    maps[2].data[18] = NaN;
    expect(() => auroc(maps, masks)).toThrow(/image 2.*index 18 \(row 1, column 2\)/);
  });

  test('throws when the arguments do not fit each other', () => {
    const { maps, masks } = specificationMaps();
    expect(() => auroc(scores, labels.subarray(1))).toThrow(MetricsInputError);
    expect(() => auroc(maps, masks.slice(1))).toThrow('auroc: expected 3 masks for 3 maps, got 2');
    expect(() => auroc(maps, labels)).toThrow(MetricsInputError);
    expect(() => auroc(scores, masks)).toThrow(MetricsInputError);
    for (const fprLimit of [0, 1.1, NaN, -1]) {
      expect(() => auroc(scores, labels, { fprLimit })).toThrow(/fprLimit in \(0, 1\]/);
    }
  });

  test('counts pairs exactly where there are more than float32 can count', () => {
    // 2^13 anomalous and normal each, all tied but one normal at the top: AUROC = (1 − 1 / 2^13) / 2.
    const count = 2 ** 13;
    const many = new Float32Array(2 * count);
    many[count] = 1;
    const half = Uint8Array.from({ length: 2 * count }, (_, i) => (i < count ? 1 : 0));
    expect(auroc(many, half)).toBe((1 - 1 / count) / 2);
  });
});
