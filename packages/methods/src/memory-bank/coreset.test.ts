import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { coreset, coresetSize } from './coreset.js';
import { greedyKCentre } from './k-centre.js';
import { takeRows } from './rows.js';
import { sparseProjection } from './sparse-projection.js';

const rng = createRng('coreset');
const rows = Float32Array.from({ length: 120 * 300 }, () => rng.normal());

test.each([
  [244, 19129],
  [223, 17483],
  [286, 22422],
  [210, 16464],
  [288, 22579],
  [236, 18502],
  [361, 28302],
  [300, 23520],
  [298, 23363],
])('%i training scans of 784 patches leave the published %i rows', (scans, size) => {
  expect(coresetSize(784 * scans, 0.1)).toBe(size);
});

test('keeps the rows that k-centre chooses on the projection, unprojected', async () => {
  const kept = await coreset(rows, 300, { ratio: 0.25, rng: createRng(1) });
  const projected = sparseProjection(rows, 300, { rng: createRng(1).fork('projection') });
  expect(projected.dimension).toBe(118);
  const indices = await greedyKCentre(projected.rows, projected.dimension, 30);
  expect(kept).toEqual(takeRows(rows, 300, indices));
});

test('without projection it chooses on the rows themselves', async () => {
  const kept = await coreset(rows, 300, { ratio: 0.25, projection: 'none', start: 5, rng: createRng(1) });
  expect(kept).toEqual(takeRows(rows, 300, await greedyKCentre(rows, 300, 30, { start: 5 })));
});

test('a ratio of 1 keeps all rows in place, and a tiny one keeps one', async () => {
  expect(await coreset(rows, 300, { ratio: 1, rng })).toEqual(rows);
  expect(await coreset(rows, 300, { ratio: 1e-6, rng })).toEqual(rows.slice(0, 300));
});

test('refuses a ratio outside (0, 1]', async () => {
  await expect(coreset(rows, 300, { ratio: 0, rng })).rejects.toThrow('ratio in (0, 1], got 0');
  await expect(coreset(rows, 300, { ratio: 1.5, rng })).rejects.toThrow('ratio in (0, 1], got 1.5');
});
