import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kShotSubset } from './k-shot.js';
import { listedSample } from './testing/sample-list.js';

function trainSamples(className: string, count: number) {
  return Array.from({ length: count }, (_, i) =>
    listedSample(`${className}/train/good/${String(i).padStart(3, '0')}`),
  );
}

const idsOf = (samples: readonly { id: string }[]) => samples.map(({ id }) => id);

test('subsets of one seed are nested', () => {
  const samples = trainSamples('bagel', 200);
  const property = fc.property(fc.integer(), fc.integer({ min: 1, max: 199 }), (seed, k) => {
    const larger = new Set(idsOf(kShotSubset(samples, k + 1, { seed })));
    const smaller = idsOf(kShotSubset(samples, k, { seed }));
    expect(smaller).toHaveLength(k);
    expect(smaller.every((id) => larger.has(id))).toBe(true);
  });
  fc.assert(property, { seed: 20, numRuns: 50 });
});

test('the same seed gives these samples on every machine, whatever the order of the list', () => {
  const samples = trainSamples('bagel', 244);
  // Written down once: a change of the drawing would change every few-shot result.
  const expected = ['062', '074', '089', '129'].map((stem) => `bagel/train/good/${stem}`);
  expect(idsOf(kShotSubset(samples, 4, { seed: 7 }))).toEqual(expected);
  expect(idsOf(kShotSubset(createRng(1).shuffle(samples), 4, { seed: 7 }))).toEqual(expected);
  expect(idsOf(kShotSubset([...trainSamples('apple', 9), ...samples], 4, { seed: 7 })).slice(4)).toEqual(
    expected,
  );
});

test('every sample is drawn about equally often', () => {
  const samples = trainSamples('bagel', 10);
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 2000; seed++) {
    for (const id of idsOf(kShotSubset(samples, 2, { seed }))) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  // 400 expected, standard deviation 18.
  for (const { id } of samples) expect(Math.abs((counts.get(id) ?? 0) - 400)).toBeLessThan(90);
});

test('with replacement a sample may come again, any number of times', () => {
  const samples = trainSamples('bagel', 3);
  const drawn = (k: number, seed: number) =>
    idsOf(kShotSubset(samples, k, { seed, selection: 'with-replacement' }));
  expect(drawn(40, 1)).toHaveLength(40);
  expect(new Set(drawn(40, 1)).size).toBe(3);
  expect(drawn(40, 1)).toEqual(drawn(40, 1));
  let repeated = 0;
  for (let seed = 0; seed < 300; seed++) repeated += Number(new Set(drawn(2, seed)).size === 1);
  // A third of the pairs is expected, standard deviation 8.
  expect(Math.abs(repeated - 100)).toBeLessThan(40);
});

test('every class gives k samples, in the order of the names', () => {
  const samples = [...trainSamples('rope', 5), ...trainSamples('bagel', 6)];
  const ids = idsOf(kShotSubset(samples, 3));
  expect(ids.map((id) => id.split('/')[0])).toEqual(['rope', 'rope', 'rope', 'bagel', 'bagel', 'bagel']);
  expect(ids.slice(0, 3)).toEqual([...ids.slice(0, 3)].sort());
  expect(idsOf(kShotSubset(samples.reverse(), 2, { selection: 'first' }))).toEqual([
    'bagel/train/good/000',
    'bagel/train/good/001',
    'rope/train/good/000',
    'rope/train/good/001',
  ]);
});

test('too many shots, anomalous samples, repeated ones and impossible options are refused', () => {
  const samples = trainSamples('bagel', 3);
  expect(() => kShotSubset(samples, 4)).toThrow(/at most the 3 samples of bagel, got 4/);
  expect(() => kShotSubset(samples, 0)).toThrow(ArgumentError);
  expect(() => kShotSubset([...samples, samples[0]], 1)).toThrow(/each sample once/);
  expect(() => kShotSubset([...samples, listedSample('bagel/test/hole/0')], 1)).toThrow(
    /filter with label: 0/,
  );
  expect(() => kShotSubset(samples, 1, { selection: 'last' as 'first' })).toThrow(
    /random, first, with-replacement/,
  );
  expect(kShotSubset([], 1)).toEqual([]);
});
