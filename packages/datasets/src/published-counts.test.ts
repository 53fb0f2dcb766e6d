import { expect, test } from 'vitest';
import { type LayoutName, publishedCounts } from './published-counts.js';

/** Classes and the sums of the four columns, as the datasets' own descriptions print them. */
const sums: readonly (readonly [LayoutName, number, readonly number[]])[] = [
  ['mvtec3d', 10, [2656, 294, 249, 948]],
  ['eyecandies', 10, [10_000, 1000, 250, 250]],
  ['real3d', 12, [48, 0, 604, 602]],
  ['mvtec-ad', 15, [3629, 0, 467, 1258]],
  ['mvtec-loco', 5, [1772, 304, 575, 993]],
  ['visa', 12, [8659, 0, 962, 1200]],
];

test.each(sums)('the %s classes are %i and sum up to the published totals', (layout, classes, totals) => {
  const counts = Object.values(publishedCounts[layout]);
  expect(counts).toHaveLength(classes);
  expect(totals.map((_, column) => counts.reduce((sum, row) => sum + row[column], 0))).toEqual(totals);
});

test('Anomaly-ShapeNet has 40 classes with 4 training shapes each', () => {
  const counts = Object.values(publishedCounts['anomaly-shapenet']);
  expect(counts).toHaveLength(40);
  expect(counts.every(([train]) => train === 4)).toBe(true);
});
