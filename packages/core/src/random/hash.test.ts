import { expect, test } from 'vitest';
import { hash128 } from './hash.js';

test('different lists of keys have different hashes, however alike', () => {
  const lists = [
    [],
    [''],
    ['', ''],
    ['ab'],
    ['a', 'b'],
    ['b', 'a'],
    [1],
    ['1'],
    [0],
    [1, 0],
    [0.1],
    [-1],
    ['\u0000'],
    ['é'],
  ];
  const hashes = lists.map((keys) => hash128(undefined, keys).join());
  expect(new Set(hashes).size).toBe(lists.length);
});

test('zero and minus zero are the same key', () => {
  expect(hash128(undefined, [-0])).toEqual(hash128(undefined, [0]));
});

test('a changed bit of the key changes about half of the 128 bits', () => {
  let changed = 0;
  for (let i = 0; i < 100; i++) {
    const a = hash128(undefined, [i]);
    const b = hash128(undefined, [i + 1000]);
    for (let word = 0; word < 4; word++) changed += bitCount(a[word] ^ b[word]);
  }
  expect(changed / 100).toBeGreaterThan(60); // 64 ± 0.57
  expect(changed / 100).toBeLessThan(68);
});

function bitCount(word: number): number {
  return (word >>> 0).toString(2).replaceAll('0', '').length;
}
