import { AnomclipError, ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { golden, hasShared } from '../testing/shared.js';
import { createBankSearch, searchBank } from './bank-search.js';
import type { MatrixProduct } from './matrix-product.js';
import { nearestRows } from './nearest-rows.js';
import { squaredDistanceWithin } from './squared-distance.js';

/** A product in float32 whose every entry is off by as much as its roundoff allows: too large, too small by turns. */
function worstProduct(blockRows = 7): MatrixProduct & { held: () => number } {
  let held = 0;
  return {
    blockBytes: 4 * 21 * blockRows,
    held: () => held,
    async prepare(block, rows, dimension) {
      held++;
      return {
        async multiply(queries) {
          const error = (dimension * 2 ** -24) / (1 - dimension * 2 ** -24);
          return Float32Array.from({ length: (queries.length / dimension) * rows }, (_, i) => {
            const [query, row] = [Math.floor(i / rows), i % rows];
            let [sum, size] = [0, 0];
            for (let k = 0; k < dimension; k++) {
              const product = queries[query * dimension + k] * block[row * dimension + k];
              sum += product;
              size += Math.abs(product);
            }
            return sum + ((query + row) % 2 ? error : -error) * size;
          });
        },
        dispose: () => {
          held--;
        },
      };
    },
  };
}

/** All rows by (distance, index), every distance computed. */
function bruteForce(queries: Float32Array, bank: Float32Array, dimension: number, k: number) {
  const size = bank.length / dimension;
  const lists = Array.from({ length: queries.length / dimension }, (_, query) =>
    Array.from({ length: size }, (_, row) => ({
      row,
      distance: Math.sqrt(
        squaredDistanceWithin(queries, query * dimension, bank, row * dimension, dimension, Infinity),
      ),
    }))
      .sort((a, b) => a.distance - b.distance || a.row - b.row)
      .slice(0, k),
  ).flat();
  return {
    k: Math.min(k, size),
    indices: Uint32Array.from(lists, ({ row }) => row),
    distances: Float64Array.from(lists, ({ distance }) => distance),
  };
}

type Case = typeof cases extends fc.Arbitrary<infer Value> ? Value : never;
const cases = fc.record({
  dimension: fc.integer({ min: 1, max: 21 }),
  bankCount: fc.integer({ min: 1, max: 60 }),
  queryCount: fc.integer({ min: 0, max: 30 }),
  k: fc.integer({ min: 1, max: 5 }),
  kind: fc.constantFrom(
    'spread',
    'ties',
    'near-duplicates',
    'clusters',
    'far from the origin',
    'huge',
    'tiny',
  ),
  seed: fc.nat(),
});

function draw({ dimension, bankCount, queryCount, kind, seed }: Case) {
  const rng = createRng(seed);
  const scale = { huge: 1e37, tiny: 1e-42 }[kind as string] ?? 1;
  const entry = () => {
    if (kind === 'ties') return rng.integer(-1, 2);
    if (kind === 'near-duplicates') return 1 + rng.integer(0, 3) * 2 ** -23;
    if (kind === 'far from the origin') return 1e6 + rng.normal();
    return scale * rng.normal();
  };
  if (kind === 'clusters') {
    // Two opposite heaps: rows of one differ by less than float32 tells apart from the centre between them.
    const heap = Array.from({ length: dimension }, () => rng.normal());
    const near = (count: number) =>
      Array.from({ length: count }, () => (rng.integer(0, 2) ? 1 : -1)).flatMap((sign) =>
        heap.map((value) => sign * value + 1e-6 * rng.normal()),
      );
    const queries = near(queryCount).map((value) => 1.5 * value);
    return { queries: Float32Array.from(queries), bank: Float32Array.from(near(bankCount)) };
  }
  const rows = (count: number) => Float32Array.from({ length: count * dimension }, entry);
  return { queries: rows(queryCount), bank: rows(bankCount) };
}

test('is brute force to the last bit, with the worst product that float32 allows, in blocks of any size', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.integer({ min: 1, max: 300 }), async (given, resultNumbers) => {
      const { queries, bank } = draw(given);
      const { dimension, k } = given;
      const product = worstProduct();
      const found = await searchBank(queries, bank, dimension, {
        product,
        k,
        resultBytes: 4 * resultNumbers,
      });
      expect(found).toEqual(bruteForce(queries, bank, dimension, k));
      expect(product.held()).toBe(0);
    }),
    { seed: 7, numRuns: 150 },
  );
});

test('is brute force without a product, too', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const { queries, bank } = draw(given);
      const { dimension, k } = given;
      const found = await searchBank(queries, bank, dimension, { k });
      expect(found).toEqual(bruteForce(queries, bank, dimension, k));
    }),
    { seed: 8, numRuns: 60 },
  );
});

test.skipIf(!hasShared)('gives the golden distances (skipped without ../shared)', async () => {
  const { data: patches, shape } = golden('memory-bank', 'input.patch');
  const full = golden('memory-bank', 'input.bank_full').data;
  const chosen = golden('memory-bank', 'coreset_60_indices').data;
  const bank = Float32Array.from(
    [...chosen].flatMap((row) => [...full.subarray(row * shape[1], (row + 1) * shape[1])]),
  );
  const expected = golden('memory-bank', 'min_distances').data;
  const { distances } = await searchBank(patches, bank, shape[1], { product: worstProduct() });
  expect(distances.length).toBe(expected.length);
  distances.forEach((distance, i) => {
    expect(Math.abs(distance - expected[i])).toBeLessThan(1e-5);
  });
});

test('a product that knows next to nothing, and says so, costs time and no exactness', async () => {
  const rng = createRng('coarse');
  const rows = (count: number) => Float32Array.from({ length: 21 * count }, () => rng.normal());
  const [queries, bank] = [rows(20), rows(50)];
  const coarse: MatrixProduct = {
    roundoff: 2 ** -4,
    prepare: async (_, rows) => ({
      multiply: async (queries) => new Float32Array((queries.length / 21) * rows),
      dispose: () => {},
    }),
  };
  expect(await searchBank(queries, bank, 21, { product: coarse, k: 3 })).toEqual(
    bruteForce(queries, bank, 21, 3),
  );
});

test('one prepared bank serves searches at the same time, each with its own k', async () => {
  const rng = createRng('turns');
  const rows = (count: number) => Float32Array.from({ length: 5 * count }, () => rng.normal());
  const bank = rows(40);
  const product = worstProduct();
  const search = await createBankSearch(bank, 5, { product, resultBytes: 64 });
  const [first, second] = [rows(9), rows(3)];
  const results = await Promise.all([search.search(first), search.search(second, { k: 4 })]);
  expect(results).toEqual([bruteForce(first, bank, 5, 1), bruteForce(second, bank, 5, 4)]);
  expect(results[0]).toEqual({ k: 1, ...nearestRows(first, bank, 5) });
  await search.dispose();
  await search.dispose();
  expect(product.held()).toBe(0);
  await expect(search.search(first)).rejects.toThrow('a search that has not been disposed');
});

test('no queries give empty lists, and more neighbours than rows give all rows', async () => {
  const product = worstProduct();
  const none = await searchBank(new Float32Array(0), Float32Array.of(1, 2), 1, { product });
  expect(none).toEqual({ k: 1, indices: new Uint32Array(0), distances: new Float64Array(0) });
  const all = await searchBank(Float32Array.of(2), Float32Array.of(1, 2, 4), 1, { product, k: 9 });
  expect(all).toEqual({ k: 3, indices: Uint32Array.of(1, 0, 2), distances: Float64Array.of(0, 1, 2) });
});

test('stops when told to, before the bank is prepared and between blocks, and leaves nothing behind', async () => {
  const bank = new Float32Array(21 * 20).fill(1);
  const product = worstProduct(5);
  const aborted = { product, signal: AbortSignal.abort(new Error('enough')) };
  await expect(createBankSearch(bank, 21, aborted)).rejects.toThrow('enough');

  const preparing = new AbortController();
  const stopping: MatrixProduct = {
    ...product,
    prepare: (...args) => {
      if (product.held() === 2) preparing.abort(new Error('enough of that'));
      return product.prepare(...args);
    },
  };
  await expect(createBankSearch(bank, 21, { product: stopping, signal: preparing.signal })).rejects.toThrow(
    'enough of that',
  );
  expect(product.held()).toBe(0);

  const search = await createBankSearch(bank, 21, { product });
  const controller = new AbortController();
  const result = search.search(bank, { signal: controller.signal });
  controller.abort(new Error('stop'));
  await expect(result).rejects.toThrow('stop');
  expect((await search.search(bank.subarray(0, 21))).indices).toEqual(Uint32Array.of(0));
  await search.dispose();
});

test('refuses an empty bank, broken rows, NaN and numbers out of range', async () => {
  const one = Float32Array.of(1);
  await expect(createBankSearch(new Float32Array(0), 1)).rejects.toThrow('a bank of at least one row');
  await expect(createBankSearch(Float32Array.of(1, 2, 3), 2)).rejects.toThrow(ShapeError);
  await expect(createBankSearch(Float32Array.of(NaN), 1)).rejects.toThrow(ArgumentError);
  await expect(createBankSearch(one, 1, { resultBytes: 0 })).rejects.toThrow('resultBytes');
  await expect(searchBank(Float32Array.of(Infinity), one, 1)).rejects.toThrow('queries to be finite');
  await expect(searchBank(one, Float32Array.of(1, 2), 2)).rejects.toThrow(ShapeError);
  await expect(searchBank(one, one, 1, { k: 0 })).rejects.toThrow('k to be an integer');
});

test('says so when a product gives too few numbers, or none at all', async () => {
  const giving = (products: Float32Array): MatrixProduct => ({
    prepare: async () => ({ multiply: async () => products, dispose: () => {} }),
  });
  const rows = Float32Array.of(1, 2);
  const search = (products: Float32Array) => searchBank(rows, rows, 1, { product: giving(products) });
  await expect(search(new Float32Array(3))).rejects.toThrow('gave 3 numbers for 2 queries and 2 rows');
  await expect(search(new Float32Array(4).fill(NaN))).rejects.toThrow(AnomclipError);
});
