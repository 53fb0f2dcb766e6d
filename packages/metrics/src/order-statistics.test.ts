import { expect, test } from 'vitest';
import { orderStatistics } from './order-statistics.js';

/** Enough numbers of both signs, of many magnitudes and with ties that counting is used instead of sorting. */
function manyNumbers(): Float32Array {
  let state = 7;
  return Float32Array.from({ length: 300_000 }, (_, i) => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    const value = state / 2 ** 32 - 0.4;
    return i % 3 === 0 ? Math.round(20 * value) / 20 : i % 3 === 1 ? value ** 5 : 1000 * value;
  });
}

test('the scores at given ranks are those of the sorted list', () => {
  const numbers = manyNumbers();
  numbers[5] = Infinity;
  numbers[6] = -Infinity;
  const chunks = [numbers.subarray(0, 100), numbers.subarray(100, 200_000), numbers.subarray(200_000)];
  const ranks = [0, 0, 1, 2, 1000, 1001, 77_777, 150_000, 150_001, 299_998, 299_999];
  const sorted = numbers.slice().sort();
  expect(Array.from(orderStatistics(chunks, ranks))).toEqual(ranks.map((rank) => sorted[rank]));
});

test('few scores and float64 scores give the same as counting', () => {
  const numbers = manyNumbers();
  const ranks = [0, 3, 1234, 299_999];
  const expected = orderStatistics([numbers], ranks);
  expect(orderStatistics([Float64Array.from(numbers)], ranks)).toEqual(expected);
  expect(Array.from(orderStatistics([Float32Array.of(3, 1, 2)], [0, 1, 1, 2]))).toEqual([1, 2, 2, 3]);
});

test('ranks are found where all scores are equal', () => {
  const chunks = [new Float32Array(300_000).fill(-2)];
  expect(Array.from(orderStatistics(chunks, [0, 150_000, 299_999]))).toEqual([-2, -2, -2]);
});

test('more ranks than there are slots give the same', () => {
  const numbers = manyNumbers();
  const sorted = numbers.slice().sort();
  const ranks = Array.from({ length: 300 }, (_, i) => 1000 * i);
  expect(Array.from(orderStatistics([numbers], ranks))).toEqual(ranks.map((rank) => sorted[rank]));
});

test('NaN is at one of the ends, whatever its sign', () => {
  for (const bits of [0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001]) {
    const numbers = manyNumbers();
    new Uint32Array(numbers.buffer)[123] = bits;
    numbers[5] = Infinity;
    numbers[6] = -Infinity;
    const [first, middle, last] = orderStatistics([numbers], [0, 150_000, 299_999]);
    expect([first, last].filter(Number.isNaN)).toHaveLength(1);
    expect(Number.isFinite(middle)).toBe(true);
  }
});
