import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { golden, hasShared } from '../testing/shared.js';
import { createBankSearch } from './bank-search.js';
import type { MatrixProduct } from './matrix-product.js';
import { nearestRows } from './nearest-rows.js';
import { reweightedScore, searchScore } from './reweighted-score.js';

function score(queries: number[], bank: number[], dimension: number, neighbours?: number) {
  const [q, b] = [Float32Array.from(queries), Float32Array.from(bank)];
  return reweightedScore(q, b, dimension, nearestRows(q, b, dimension), { neighbours });
}

test.skipIf(!hasShared)('gives the golden score (skipped without ../shared)', () => {
  const { data: patches, shape } = golden('memory-bank', 'input.patch');
  const full = golden('memory-bank', 'input.bank_full').data;
  const indices = golden('memory-bank', 'coreset_60_indices').data;
  const bank = [...indices].flatMap((row) => [...full.subarray(row * shape[1], (row + 1) * shape[1])]);
  const result = score([...patches], bank, shape[1]);
  expect(result.score).toBeCloseTo(golden('memory-bank', 'score_btf').data[0], 5);
  expect(result.score / result.weight).toBeCloseTo(golden('memory-bank', 's_star').data[0], 5);
});

test('weighs the largest distance by the two rows around its nearest bank row, by hand', () => {
  // x = 6, f = 4 at distance 2; around f: 4 itself, then 3 and 1, at 3 and 5 from x; D = 1.
  const { score: value, weight, query } = score([0.5, 6], [0, 1, 3, 4], 1);
  const expected = 1 - Math.exp(2) / (Math.exp(3) + Math.exp(5));
  expect(query).toBe(1);
  expect(weight).toBeCloseTo(expected, 12);
  expect(value).toBeCloseTo(2 * expected, 12);
});

test('the exponents are divided by the square root of the dimension', () => {
  // x = (0,0,0,3), f = 0, others (1,0,0,0) and (0,2,0,0): distances 3, √10, √13; D = 2.
  const { weight } = score([0, 0, 0, 3], [0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0], 4);
  const expected = 1 - Math.exp(3 / 2) / (Math.exp(Math.sqrt(10) / 2) + Math.exp(Math.sqrt(13) / 2));
  expect(weight).toBeCloseTo(expected, 12);
});

test('leaves out one copy of the nearest row and keeps the others', () => {
  // Three copies of 0: two of them stay, both as far from x as f: w = 1 − 1/2.
  expect(score([5], [0, 0, 0, -1], 1).weight).toBeCloseTo(0.5, 12);
  // One other copy and no more neighbours asked for: w = 1 − 1/1.
  expect(score([5], [0, 0, -1], 1, 2).weight).toBeCloseTo(0, 12);
});

test('does not overflow at distances in the thousands', () => {
  const { weight, score: value } = score([1e5], [0, -1e5, -2e5], 1);
  expect(weight).toBe(1);
  expect(value).toBe(1e5);
});

test('a single bank row, or one neighbour, leaves the distance as it is', () => {
  expect(score([3], [1], 1)).toEqual({ score: 2, weight: 1, query: 0 });
  expect(score([3], [1, 0], 1, 1)).toEqual({ score: 2, weight: 1, query: 0 });
});

test('without queries the score is 0', () => {
  expect(score([], [1], 1)).toEqual({ score: 0, weight: 1, query: -1 });
});

test('refuses the result of another search', () => {
  const nearest = nearestRows(Float32Array.of(1, 2), Float32Array.of(0), 1);
  expect(() => reweightedScore(Float32Array.of(1), Float32Array.of(0), 1, nearest)).toThrow(ArgumentError);
});

test('searchScore gives the same from a search, with a product and without, and the nearest rows beside it', async () => {
  const rng = createRng('searchScore');
  const rows = (count: number) => Float32Array.from({ length: 6 * count }, () => rng.integer(-2, 3));
  const [queries, bank] = [rows(15), rows(40)];
  const nearest = nearestRows(queries, bank, 6);
  const zeros: MatrixProduct = {
    roundoff: 1, // knows nothing
    prepare: async (_, count) => ({
      multiply: async (queries) => new Float32Array((queries.length / 6) * count),
      dispose: () => {},
    }),
  };
  for (const product of [undefined, zeros]) {
    const search = await createBankSearch(bank, 6, { product });
    for (const neighbours of [1, 3, 100]) {
      const expected = reweightedScore(queries, bank, 6, nearest, { neighbours });
      const { nearest: found, ...result } = await searchScore(search, queries, { neighbours });
      expect(result).toEqual(expected);
      expect(found).toMatchObject(nearest);
    }
    expect(await searchScore(search, new Float32Array(0))).toMatchObject({ score: 0, weight: 1, query: -1 });
    await expect(searchScore(search, queries, { neighbours: 0 })).rejects.toThrow('neighbours');
  }
});
