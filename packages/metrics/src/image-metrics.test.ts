import { describe, expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { mapOf } from './fixtures.js';
import { imageMetrics, mapMaxScores } from './image-metrics.js';

describe('imageMetrics', () => {
  test('gives the values of the specification from one call', () => {
    const scores = Float64Array.of(0.1, 0.4, 0.4, 0.8, 0.4, 0.4, 0.9, 0.2);
    const result = imageMetrics(scores, Uint8Array.of(0, 0, 1, 1, 1, 0, 1, 0));
    expect(result).toMatchObject({ auroc: 0.875, f1Max: { value: 0.8, threshold: 0.4 }, undefined: [] });
    expect(result).toMatchObject({ normal: 4, anomalous: 4 });
    expect(result.ap).toBeCloseTo(0.8333333333, 10);
  });

  test('gives the check vector of the CLIP-FSAC++ specification', () => {
    const result = imageMetrics(
      Float64Array.of(0.1, 0.4, 0.35, 0.8, 0.4, 0.2),
      Uint8Array.of(0, 0, 1, 1, 1, 0),
    );
    expect(result.auroc).toBeCloseTo(0.833333, 6);
    expect(result.ap).toBeCloseTo(0.805556, 6);
    expect(result.f1Max.value).toBeCloseTo(0.857143, 6);
  });

  test('says what is undefined and why', () => {
    const normal = imageMetrics(Float32Array.of(1, 2), Uint8Array.of(0, 0));
    expect(normal).toMatchObject({ auroc: NaN, ap: NaN, f1Max: { value: NaN }, normal: 2, anomalous: 0 });
    expect(normal.undefined).toEqual([
      'AUROC: no anomalous image',
      'AP: no anomalous image',
      'F1-max: no anomalous image',
    ]);
    const anomalous = imageMetrics(Float32Array.of(1, 2), Uint8Array.of(1, 1));
    expect(anomalous).toMatchObject({ auroc: NaN, ap: 1, f1Max: { value: 1 } });
    expect(anomalous.undefined).toEqual(['AUROC: no normal image']);
    expect(imageMetrics(new Float32Array(0), new Uint8Array(0)).undefined).toHaveLength(4);
  });

  test.each([0, 1])('is undefined for a single image with label %d', (label) => {
    const result = imageMetrics(Float32Array.of(1), Uint8Array.of(label));
    expect(result).toMatchObject({ auroc: NaN, ap: NaN, f1Max: { value: NaN }, anomalous: label });
    expect(result.undefined).toEqual(['AUROC, AP, F1-max: a single image has nothing to be ranked against']);
  });
});

describe('mapMaxScores', () => {
  test('is the highest score of each map, whatever its layout', () => {
    const strided = { data: Float32Array.of(9, 1, 9, 2), shape: [2, 1], stride: [2, 1], offset: 1 };
    const maps = [mapOf([-3, -1, -2], 1, 3), strided];
    expect(Array.from(mapMaxScores(maps))).toEqual([-1, 2]);
    expect(auroc(mapMaxScores(maps), Uint8Array.of(0, 1))).toBe(1);
  });

  test('refuses NaN and a map without pixels', () => {
    expect(() => mapMaxScores([mapOf([1], 1, 1), mapOf([2, NaN], 1, 2)])).toThrow(/image 1.*NaN at index 1/);
    expect(() => mapMaxScores([mapOf([], 0, 3)])).toThrow(/at least one pixel, got \[0, 3\]/);
  });
});
