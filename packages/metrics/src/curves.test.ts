import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { f1Curve, fprCurve, iouCurve, prCurve, proCurve, rocCurve } from './curves.js';
import { ratesFromScratch, smallTestSet, specificationMaps, tiedScores, trapezoids } from './fixtures.js';

const scores = Float64Array.of(0.1, 0.4, 0.4, 0.8, 0.4, 0.4, 0.9, 0.2);
const labels = Uint8Array.of(0, 0, 1, 1, 1, 0, 1, 0);
const threshold = Float64Array.of(Infinity, 0.9, 0.8, 0.4, 0.2, 0.1);

describe('curves', () => {
  test('of the eight scores of the specification are the ones counted by hand', () => {
    expect(rocCurve(scores, labels)).toEqual({
      threshold,
      x: Float64Array.of(0, 0, 0, 0.5, 0.75, 1),
      y: Float64Array.of(0, 0.25, 0.5, 1, 1, 1),
    });
    expect(prCurve(scores, labels)).toEqual({
      threshold,
      x: Float64Array.of(0, 0.25, 0.5, 1, 1, 1),
      y: Float64Array.of(1, 1, 1, 4 / 6, 4 / 7, 4 / 8),
    });
    expect(f1Curve(scores, labels)).toEqual({
      threshold,
      x: threshold,
      y: Float64Array.of(0, 2 / 5, 4 / 6, 8 / 10, 8 / 11, 8 / 12),
    });
    expect(fprCurve(scores, labels)).toEqual({
      threshold,
      x: threshold,
      y: Float64Array.of(0, 0, 0, 0.5, 0.75, 1),
    });
    expect(iouCurve(scores, labels)).toEqual({
      threshold,
      x: threshold,
      y: Float64Array.of(0, 1 / 4, 2 / 4, 4 / 6, 4 / 7, 4 / 8),
    });
  });

  test('the area under the ROC curve is the AUROC', () => {
    fc.assert(
      fc.property(tiedScores, ({ scores, labels }) => {
        const { x, y } = rocCurve(scores, labels);
        expect(trapezoids([...x], [...y])).toBeCloseTo(auroc(scores, labels), 12);
      }),
      { seed: 20 },
    );
  });

  test('PRO is what recomputing it at every threshold gives, from (0, 0) to (1, 1)', () => {
    fc.assert(
      fc.property(smallTestSet, ({ maps, masks }) => {
        const curve = proCurve(maps, masks);
        const last = curve.x.length - 1;
        expect([curve.threshold[0], curve.x[0], curve.y[0]]).toEqual([Infinity, 0, 0]);
        expect([curve.threshold[last], curve.x[last], curve.y[last]]).toEqual([-Infinity, 1, 1]);
        for (let i = 1; i < last; i++) {
          const { fpr, pro } = ratesFromScratch(maps, masks, (score) => score >= curve.threshold[i]);
          expect(curve.x[i]).toBeCloseTo(fpr, 12);
          expect(curve.y[i]).toBeCloseTo(pro, 12);
        }
      }),
      { seed: 21 },
    );
    const { maps, masks } = specificationMaps();
    expect(proCurve(maps, masks).x).toHaveLength(770);
  });

  test('thinning keeps about as many points as asked for, the ends among them, none moved and none far apart', () => {
    const { maps, masks } = specificationMaps();
    for (const curve of [rocCurve, prCurve, proCurve, f1Curve, fprCurve, iouCurve]) {
      const all = curve(maps, masks);
      const thin = curve(maps, masks, { thin: 40 });
      const count = thin.threshold.length;
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(130);
      expect(thin.threshold[0]).toBe(Infinity);
      expect(thin.threshold[count - 1]).toBe(all.threshold[all.threshold.length - 1]);
      for (let i = 0; i < count; i++) {
        const at = all.threshold.indexOf(thin.threshold[i]);
        expect([thin.x[i], thin.y[i]]).toEqual([all.x[at], all.y[at]]);
      }
    }
    const { x, y } = rocCurve(maps, masks, { thin: 40 });
    expect(x.length).toBeLessThan(43);
    for (let i = 1; i < x.length - 1; i++) {
      expect(Math.abs(x[i] - x[i - 1]) + Math.abs(y[i] - y[i - 1])).toBeGreaterThan(2 / 40);
    }
  });

  test('a curve with no more points than asked for stays whole', () => {
    expect(rocCurve(scores, labels, { thin: 6 })).toEqual(rocCurve(scores, labels));
    expect(() => rocCurve(scores, labels, { thin: 1 })).toThrow(/thin to be at least 2/);
  });

  test('without elements there is the first point only, with rates that are NaN', () => {
    const { threshold, x, y } = rocCurve(new Float32Array(0), new Uint8Array(0));
    expect(Array.from(threshold)).toEqual([Infinity]);
    expect([x[0], y[0]]).toEqual([NaN, NaN]);
  });
});
