import { expect, test } from 'vitest';
import { GrowingArray } from './growing-array.js';

test('holds what was pushed, over several doublings, in its type', () => {
  const array = new GrowingArray((length) => new Int16Array(length));
  for (let i = 0; i < 1000; i++) array.push(i - 500);
  expect(array.length).toBe(1000);
  expect(array.toArray()).toEqual(Int16Array.from({ length: 1000 }, (_, i) => i - 500));
});

test('what it gives is a copy', () => {
  const array = new GrowingArray((length) => new Uint8Array(length));
  array.push(1);
  const copy = array.toArray();
  array.push(2);
  expect(copy).toEqual(Uint8Array.of(1));
});
