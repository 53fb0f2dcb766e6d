import { expect, test } from 'vitest';
import { formatPercent } from './format-percent.js';
import { imageMetrics } from './image-metrics.js';
import { meanOverClasses } from './mean-over-classes.js';

test('means leave undefined values out and say how many', () => {
  const results = [
    { auroc: 0.5, aupro: { value: 0.25, mode: 'exact' }, undefined: [] },
    { auroc: 1, aupro: { value: NaN, mode: 'exact' }, undefined: ['AUPRO: no anomalous region'] },
    { auroc: 0.75, aupro: { value: 0.75, mode: 'exact' }, undefined: [] },
  ];
  expect(meanOverClasses(results)).toEqual({
    mean: { auroc: 0.75, aupro: 0.5 },
    leftOut: { auroc: 0, aupro: 1 },
    classes: 3,
  });
});

test('a mean over no defined value is NaN', () => {
  expect(meanOverClasses([{ auroc: NaN }])).toEqual({
    mean: { auroc: NaN },
    leftOut: { auroc: 1 },
    classes: 1,
  });
  expect(meanOverClasses([])).toEqual({ mean: {}, leftOut: {}, classes: 0 });
});

test('results of this package go in as they are', () => {
  const perfect = imageMetrics(Float32Array.of(0, 1), Uint8Array.of(0, 1));
  const worst = imageMetrics(Float32Array.of(1, 0), Uint8Array.of(0, 1));
  const { mean } = meanOverClasses([perfect, worst]);
  expect(mean.auroc).toBe(0.5);
  expect(mean.f1Max).toBeCloseTo((1 + 2 / 3) / 2, 12);
});

test('percent are printed with one decimal, halves away from zero, NaN as a dash', () => {
  expect([0.98765, 0, 1, 0.9995, 0.99949].map(formatPercent)).toEqual([
    '98.8',
    '0.0',
    '100.0',
    '100.0',
    '99.9',
  ]);
  // 0.0725, 0.0005 and their like lie just below the half in binary.
  expect([0.0725, 0.0005, 0.8625, -0.0725].map(formatPercent)).toEqual(['7.3', '0.1', '86.3', '-7.3']);
  expect(formatPercent(NaN)).toBe('–');
});
