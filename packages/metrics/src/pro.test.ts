import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draw, mapOf, ratesFromScratch, smallTestSet } from './fixtures.js';
import { pro } from './pro.js';

test('pro is the mean share of a region strictly above the threshold', () => {
  // Region {1, 2} is half above 1, region {3} wholly.
  expect(pro([mapOf([1, 2, 0, 3], 1, 4)], [draw('##.#')], 1)).toBe(0.75);
  fc.assert(
    fc.property(smallTestSet, fc.integer({ min: -9, max: 9 }), ({ maps, masks }, eighths) => {
      const expected = ratesFromScratch(maps, masks, (score) => score > eighths / 8).pro;
      expect(pro(maps, masks, eighths / 8)).toBeCloseTo(expected, 12);
    }),
    { seed: 24 },
  );
});

test('pro is NaN without a region', () => {
  expect(pro([mapOf([1, 2], 1, 2)], [draw('..')], 0)).toBeNaN();
  expect(pro([], [], 0)).toBeNaN();
});
