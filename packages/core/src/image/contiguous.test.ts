import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { contiguous } from './contiguous.js';

const cube = ndarray(
  Float32Array.from({ length: 24 }, (_, i) => i),
  [2, 3, 4],
);

test('an array that is row-major already gives its own data', () => {
  expect(contiguous(cube)).toBe(cube.data);
});

test('a view of part of a buffer gives a copy of that part', () => {
  const second = cube.pick(1, null, null);
  expect([...contiguous(second)]).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
  expect(contiguous(cube.hi(1, 3, 4))).toHaveLength(12);
});

test('a transposed view is copied in its own order', () => {
  const matrix = ndarray(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  expect([...contiguous(matrix.transpose(1, 0))]).toEqual([1, 4, 2, 5, 3, 6]);
});

test('a flipped view is copied in its own order', () => {
  const line = ndarray(Uint8Array.of(1, 2, 3), [3]);
  expect([...contiguous(line.step(-1))]).toEqual([3, 2, 1]);
});

test('any view gives the elements that get() gives, in row-major order', () => {
  const view = fc.record({
    low: fc.tuple(fc.nat(1), fc.nat(2), fc.nat(3)),
    step: fc.tuple(...[2, 2, 2].map(() => fc.constantFrom(1, 2, -1, -2))),
    axes: fc.constantFrom<number[]>([0, 1, 2], [2, 0, 1], [1, 0, 2], [2, 1, 0]),
  });
  fc.assert(
    fc.property(view, ({ low, step, axes }) => {
      const array = cube
        .lo(...low)
        .step(...step)
        .transpose(...axes);
      const expected: number[] = [];
      for (let i = 0; i < array.shape[0]; i++) {
        for (let j = 0; j < array.shape[1]; j++) {
          for (let k = 0; k < array.shape[2]; k++) expected.push(array.get(i, j, k));
        }
      }
      expect([...contiguous(array)]).toEqual(expected);
    }),
    { seed: 22 },
  );
});

test('a scalar is one element and an empty array none', () => {
  expect([...contiguous(ndarray(Uint8Array.of(7), []))]).toEqual([7]);
  expect(contiguous(cube.hi(0, 3, 4))).toHaveLength(0);
});

test('a view of a Node Buffer gives a plain Uint8Array of its own', () => {
  const buffer = Buffer.from([1, 2, 3, 4]);
  const copy = contiguous(ndarray(buffer, [2, 2]).transpose(1, 0));
  expect(Object.getPrototypeOf(copy)).toBe(Uint8Array.prototype);
  expect([...copy]).toEqual([1, 3, 2, 4]);
});
