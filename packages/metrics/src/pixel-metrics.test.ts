import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aupro } from './aupro.js';
import { auroc } from './auroc.js';
import { averagePrecision } from './average-precision.js';
import { f1Max } from './f1-max.js';
import { draw, mapOf, smallTestSet, specificationMaps } from './fixtures.js';
import { pixelMetrics } from './pixel-metrics.js';

describe('pixelMetrics', () => {
  test('equals the metrics computed one by one, in every mode of AUPRO', () => {
    fc.assert(
      fc.property(
        smallTestSet,
        fc.constantFrom('mvtec3d' as const, 'exact' as const),
        ({ maps, masks }, mode) => {
          const result = pixelMetrics(maps, masks, { mode });
          expect(result.auroc).toBe(auroc(maps, masks));
          expect(result.ap).toBe(averagePrecision(maps, masks));
          expect(result.f1Max).toEqual(f1Max(maps, masks));
          const alone = aupro(maps, masks, { mode });
          expect(result.aupro.value).toBeCloseTo(alone.value, 12);
          expect(result.aupro.curve.fpr).toEqual(alone.curve.fpr);
          expect(result.regions).toBe(alone.regions);
        },
      ),
      { seed: 25 },
    );
    const { maps, masks } = specificationMaps();
    const { aupro: sampled } = pixelMetrics(maps, masks, { mode: 'minmax200' });
    expect(sampled.value).toBeCloseTo(0.790828252, 10);
  });

  test('counts pixels and regions', () => {
    const { maps, masks } = specificationMaps();
    expect(pixelMetrics(maps, masks)).toMatchObject({ normalPixels: 712, anomalousPixels: 56, regions: 3 });
  });

  test('is NaN with a reason for what is undefined, and only for that', () => {
    const map = mapOf([1, 2, 3, 4], 2, 2);
    const allNormal = pixelMetrics([map], [draw('..', '..')]);
    expect(allNormal).toMatchObject({ auroc: NaN, ap: NaN, aupro: { value: NaN }, normalPixels: 4 });
    expect(allNormal.undefined).toContain('AUPRO: no anomalous region');
    expect(pixelMetrics([map], [draw('##', '##')])).toMatchObject({
      auroc: NaN,
      ap: 1,
      f1Max: { value: 1 },
      aupro: { value: NaN },
      undefined: ['AUROC: no normal pixel', 'AUPRO: no normal element'],
    });
    // The 200 thresholds do not suit equal scores, which spoils nothing else.
    const flat = pixelMetrics([mapOf([1, 1], 1, 2)], [draw('#.')], { mode: 'minmax200' });
    expect(flat).toMatchObject({ auroc: 0.5, ap: 0.5, aupro: { value: NaN } });
    expect(flat.undefined).toHaveLength(1);
    expect(pixelMetrics([], []).undefined).toHaveLength(6);
  });

  test('doubling every image changes nothing in AUROC, AP and F1-max', () => {
    fc.assert(
      fc.property(smallTestSet, ({ maps, masks }) => {
        const once = pixelMetrics(maps, masks);
        const twice = pixelMetrics([...maps, ...maps], [...masks, ...masks]);
        expect(twice.auroc).toBeCloseTo(once.auroc, 12);
        expect(twice.ap).toBeCloseTo(once.ap, 12);
        expect(twice.f1Max.value).toBeCloseTo(once.f1Max.value, 12);
        expect(twice.f1Max.threshold).toBe(once.f1Max.threshold);
      }),
      { seed: 26 },
    );
  });

  test('takes float64 and float32 maps together', () => {
    const maps = [mapOf(Float64Array.of(0.1, 0.3), 1, 2), mapOf(Float32Array.of(0.1, 0.2), 1, 2)];
    // 0.1 in float32 lies above 0.1 in float64.
    expect(pixelMetrics(maps, [draw('..'), draw('#.')]).auroc).toBe(1 / 3);
  });
});
