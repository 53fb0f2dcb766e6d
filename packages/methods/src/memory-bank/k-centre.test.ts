import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { golden, hasShared } from '../testing/shared.js';
import { greedyKCentre } from './k-centre.js';

/** The algorithm word by word: every row against every chosen row, nothing left out. */
function plain(rows: Float32Array, dimension: number, count: number, start: number): number[] {
  const n = rows.length / dimension;
  const squaredDistances = new Array<number>(n).fill(Infinity);
  const chosen = [start];
  while (chosen.length < count) {
    const centre = chosen[chosen.length - 1];
    let farthest = -1;
    for (let i = 0; i < n; i++) {
      let squaredDistance = 0;
      for (let k = 0; k < dimension; k++) {
        squaredDistance += (rows[i * dimension + k] - rows[centre * dimension + k]) ** 2;
      }
      squaredDistances[i] = Math.min(squaredDistances[i], squaredDistance);
      if (chosen.includes(i)) continue;
      if (farthest < 0 || squaredDistances[i] > squaredDistances[farthest]) farthest = i;
    }
    chosen.push(farthest);
  }
  return chosen;
}

function gaussianRows(n: number, dimension: number, seed: number): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: n * dimension }, () => rng.normal());
}

test.skipIf(!hasShared)('chooses the golden rows (skipped without ../shared)', async () => {
  const { data, shape } = golden('memory-bank', 'input.bank_full');
  const expected = golden('memory-bank', 'coreset_60_indices').data;
  expect([...(await greedyKCentre(data, shape[1], expected.length))]).toEqual([...expected]);
});

test('takes the farthest row each time, by hand on a line', async () => {
  const line = Float32Array.of(0, 1, 4, 10, 11); // 11 is farthest from 0, then 4 with distance 4, then 1 and 10 tie
  expect([...(await greedyKCentre(line, 1, 5))]).toEqual([0, 4, 2, 1, 3]);
  expect([...(await greedyKCentre(line, 1, 2, { start: 3 }))]).toEqual([3, 0]);
});

test('is the plain algorithm on small integers, where ties and duplicates abound', async () => {
  const cases = fc.record({
    dimension: fc.integer({ min: 1, max: 19 }),
    values: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 19, maxLength: 300 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ dimension, values, share }) => {
      const n = Math.floor(values.length / dimension);
      const rows = Float32Array.from(values.slice(0, n * dimension));
      const count = 1 + Math.floor(share * (n - 1));
      const start = count % n;
      const chosen = await greedyKCentre(rows, dimension, count, { start });
      expect([...chosen]).toEqual(plain(rows, dimension, count, start));
    }),
    { seed: 14, numRuns: 200 },
  );
});

test.each([
  ['isotropic rows', gaussianRows(900, 40, 1), 40],
  ['a curve in space', Float32Array.from({ length: 2700 }, (_, i) => Math.sin(0.003 * i * (1 + (i % 3)))), 3],
  ['rows far from the origin', gaussianRows(400, 9, 2).map((value) => 1000 + value), 9],
])('is the plain algorithm on %s', async (_, rows, dimension) => {
  const count = rows.length / dimension / 4;
  expect([...(await greedyKCentre(rows, dimension, count))]).toEqual(plain(rows, dimension, count, 0));
});

test('goes on with the lowest rows not yet chosen when all others are copies', async () => {
  const rows = Float32Array.of(5, 7, 5, 5, 7);
  expect([...(await greedyKCentre(rows, 1, 5, { start: 2 }))]).toEqual([2, 1, 0, 3, 4]);
});

test('looking at all candidates is looking at all rows', async () => {
  const rows = gaussianRows(200, 5, 3);
  const all = await greedyKCentre(rows, 5, 50, { candidates: 200, rng: createRng(1) });
  expect(all).toEqual(await greedyKCentre(rows, 5, 50));
});

test('a few candidates give distinct rows that cover better than the first rows, and the same for the same seed', async () => {
  const rows = gaussianRows(500, 2, 4);
  const some = await greedyKCentre(rows, 2, 40, { candidates: 60, rng: createRng(7) });
  expect(new Set(some).size).toBe(40);
  expect(some).toEqual(await greedyKCentre(rows, 2, 40, { candidates: 60, rng: createRng(7) }));
  expect(coverRadius(rows, 2, some)).toBeLessThan(
    coverRadius(
      rows,
      2,
      Uint32Array.from({ length: 40 }, (_, i) => i),
    ),
  );
});

test('the approximate variant starts with the row that is farthest on average', async () => {
  // Nine rows near 0 and one outlier: whatever anchors are drawn, all ten are, and the outlier is farthest on average.
  const rows = Float32Array.of(0, 0.1, -0.1, 0.2, 0, 0.1, 100, -0.2, 0.1, 0);
  const [first] = await greedyKCentre(rows, 1, 3, { variant: 'approximate', rng: createRng(1) });
  expect(first).toBe(6);
});

test('reports every choice and stops when told to', async () => {
  const controller = new AbortController();
  const steps: number[] = [];
  const rows = gaussianRows(100, 4, 5);
  await greedyKCentre(rows, 4, 3, { onProgress: ({ done, total }) => steps.push(done, total ?? -1) });
  expect(steps).toEqual([1, 3, 2, 3, 3, 3]);

  const onProgress = ({ done }: { done: number }): void => {
    if (done === 2) controller.abort(new Error('enough'));
  };
  const big = gaussianRows(20_000, 16, 6);
  await expect(greedyKCentre(big, 16, 10_000, { onProgress, signal: controller.signal })).rejects.toThrow(
    'enough',
  );
});

test('refuses what cannot work', async () => {
  const rows = Float32Array.of(1, 2, 3, 4);
  await expect(greedyKCentre(rows, 3, 1)).rejects.toThrow(ShapeError);
  await expect(greedyKCentre(rows, 2, 3)).rejects.toThrow('count to be an integer in 1…2, got 3');
  await expect(greedyKCentre(rows, 2, 1, { start: 2 })).rejects.toThrow(ArgumentError);
  await expect(greedyKCentre(rows, 2, 1, { candidates: 1 })).rejects.toThrow('an rng');
  await expect(greedyKCentre(Float32Array.of(1, NaN), 1, 1)).rejects.toThrow('rows to be finite');
});

function coverRadius(rows: Float32Array, dimension: number, chosen: Uint32Array): number {
  let radius = 0;
  for (let i = 0; i < rows.length; i += dimension) {
    let nearest = Infinity;
    for (const c of chosen) {
      const difference = Array.from({ length: dimension }, (_, k) => rows[i + k] - rows[c * dimension + k]);
      nearest = Math.min(nearest, Math.hypot(...difference));
    }
    radius = Math.max(radius, nearest);
  }
  return radius;
}
