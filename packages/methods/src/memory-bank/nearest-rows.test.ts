import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { golden, hasShared } from '../testing/shared.js';
import { nearestRows } from './nearest-rows.js';

test.skipIf(!hasShared)('gives the golden distances (skipped without ../shared)', () => {
  const { data: patches, shape } = golden('memory-bank', 'input.patch');
  const full = golden('memory-bank', 'input.bank_full').data;
  const indices = golden('memory-bank', 'coreset_60_indices').data;
  const bank = Float32Array.from(
    [...indices].flatMap((row) => [...full.subarray(row * shape[1], (row + 1) * shape[1])]),
  );
  const expected = golden('memory-bank', 'min_distances').data;
  const { distances } = nearestRows(patches, bank, shape[1]);
  expect(distances.length).toBe(expected.length);
  distances.forEach((distance, i) => {
    expect(Math.abs(distance - expected[i])).toBeLessThan(1e-5);
  });
});

test('is brute force, ties to the lower index, for any dimension and more queries than one block', () => {
  const cases = fc.record({
    dimension: fc.integer({ min: 1, max: 21 }),
    bankCount: fc.integer({ min: 1, max: 60 }),
    queryCount: fc.integer({ min: 0, max: 80 }),
    spread: fc.constantFrom(1, 3, 1000),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(cases, ({ dimension, bankCount, queryCount, spread, seed }) => {
      const rng = createRng(seed);
      const draw = (n: number) =>
        Float32Array.from({ length: n * dimension }, () => rng.integer(-spread, spread + 1));
      const bank = draw(bankCount);
      const queries = draw(queryCount);
      const { indices, distances } = nearestRows(queries, bank, dimension);
      for (let q = 0; q < queryCount; q++) {
        const all = Array.from({ length: bankCount }, (_, row) =>
          Math.sqrt(
            queries
              .subarray(q * dimension, (q + 1) * dimension)
              .reduce((sum, value, k) => sum + (value - bank[row * dimension + k]) ** 2, 0),
          ),
        );
        expect(distances[q]).toBe(Math.min(...all));
        expect(indices[q]).toBe(all.indexOf(distances[q]));
      }
    }),
    { seed: 6, numRuns: 150 },
  );
});

test('loses no digit far from the origin', () => {
  const bank = Float32Array.of(1e6, 1e6 + 1, 0, 0);
  const { distances, indices } = nearestRows(Float32Array.of(1e6, 1e6 + 0.75), bank, 2);
  expect([indices[0], distances[0]]).toEqual([0, 0.25]);
});

test('refuses an empty bank, broken rows and NaN', () => {
  expect(() => nearestRows(Float32Array.of(1), new Float32Array(0), 1)).toThrow('a bank of at least one row');
  expect(() => nearestRows(Float32Array.of(1, 2, 3), Float32Array.of(1, 2), 2)).toThrow(ShapeError);
  expect(() => nearestRows(Float32Array.of(NaN), Float32Array.of(1), 1)).toThrow(ArgumentError);
});
