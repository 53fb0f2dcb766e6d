import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortChunks, sortOrder } from './radix-sort.js';

const number = fc.double({ noNaN: true });
const numbers = fc.array(number, { maxLength: 200 });
const byValue = (values: Iterable<number>) => Array.from(values, (value) => value + 0).sort((a, b) => a - b);

describe('sortChunks', () => {
  test.each([Float32Array, Float64Array])('puts all numbers of all chunks in order (%o)', (Type) => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 4 }), (lists) => {
        const sorted = sortChunks(lists.map((list) => Type.from(list)));
        expect(Array.from(sorted, (value) => value + 0)).toEqual(byValue(Type.from(lists.flat())));
      }),
      { seed: 7 },
    );
  });

  test('keeps the digits of a float64 chunk beside a float32 one', () => {
    expect(sortChunks([Float32Array.of(1), Float64Array.of(0.1)])).toEqual(Float64Array.of(0.1, 1));
  });

  test('leaves the chunks as they are', () => {
    const chunk = Float32Array.of(3, 1, 2);
    sortChunks([chunk]);
    expect(chunk).toEqual(Float32Array.of(3, 1, 2));
  });
});

describe('sortOrder', () => {
  test.each([Float32Array, Float64Array])('is a permutation that sorts (%o)', (Type) => {
    fc.assert(
      fc.property(numbers, (list) => {
        const values = Type.from(list);
        const order = sortOrder(values);
        expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from(values.keys()));
        expect(Array.from(order, (index) => values[index] + 0)).toEqual(byValue(values));
      }),
      { seed: 8 },
    );
  });
});
