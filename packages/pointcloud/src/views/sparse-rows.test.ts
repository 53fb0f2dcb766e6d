import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng, type Rng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  gatherTerms,
  multiplyRows,
  multiplyTransposedRows,
  type SparseRows,
  transposeRows,
} from './sparse-rows.js';

function randomRows(rng: Rng, rowCount: number, columnCount: number): SparseRows {
  const starts = [0];
  const columns: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    columns.push(...rng.sample(columnCount, rng.integer(0, columnCount + 1)).sort());
    starts.push(columns.length);
  }
  const weights = Float32Array.from(columns, () => rng.normal());
  return {
    rowCount,
    columnCount,
    starts: Uint32Array.from(starts),
    columns: Uint32Array.from(columns),
    weights,
  };
}

function normals(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

const sizes = [fc.integer(), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 9 })] as const;

describe('sparse rows', () => {
  test('⟨A x, y⟩ = ⟨x, Aᵀ y⟩', () => {
    fc.assert(
      fc.property(...sizes, fc.integer({ min: 1, max: 3 }), (seed, rows, columns, channels) => {
        const rng = createRng(seed);
        const matrix = randomRows(rng, rows, columns);
        const x = normals(rng, columns * channels);
        const y = normals(rng, rows * channels);
        const backwards = multiplyTransposedRows(matrix, y, channels);
        expect(dot(multiplyRows(matrix, x, channels), y)).toBeCloseTo(dot(x, backwards), 4);
        expect(multiplyRows(transposeRows(matrix), y, channels)).toEqual(backwards);
      }),
      { seed: 1 },
    );
  });

  test('A x is what the dense matrix gives', () => {
    const rng = createRng(2);
    const { starts, columns, weights, ...size } = randomRows(rng, 7, 5);
    const x = normals(rng, 5);
    const expected = Array.from({ length: 7 }, (_, row) => {
      const dense = new Array<number>(5).fill(0);
      for (let entry = starts[row]; entry < starts[row + 1]; entry++) dense[columns[entry]] = weights[entry];
      return dense.reduce((sum, weight, column) => sum + weight * x[column], 0);
    });
    const product = multiplyRows({ ...size, starts, columns, weights }, x);
    expected.forEach((value, row) => {
      expect(product[row]).toBeCloseTo(value, 6);
    });
  });

  test('transposing twice gives the same matrix', () => {
    const matrix = randomRows(createRng(3), 9, 6);
    expect(transposeRows(transposeRows(matrix))).toEqual(matrix);
  });

  test('gathering the terms gives the product, with as many terms as the longest row or more', () => {
    fc.assert(
      fc.property(...sizes, fc.integer({ min: 0, max: 2 }), (seed, rows, columns, extra) => {
        const rng = createRng(seed);
        const matrix = randomRows(rng, rows, columns);
        const x = normals(rng, columns);
        const { terms } = gatherTerms(matrix);
        const padded = gatherTerms(matrix, terms + extra);
        expect(padded.indices).toHaveLength((terms + extra) * rows);
        const sums = new Float64Array(rows);
        padded.indices.forEach((column, i) => {
          sums[i % rows] += padded.weights[i] === 0 ? 0 : padded.weights[i] * x[column];
        });
        multiplyRows(matrix, x).forEach((value, row) => {
          expect(value).toBeCloseTo(sums[row], 5);
        });
      }),
      { seed: 4 },
    );
  });

  test('refuses values of another length and too few terms', () => {
    const matrix = randomRows(createRng(5), 4, 3);
    expect(() => multiplyRows(matrix, new Float32Array(4))).toThrow(ShapeError);
    expect(() => multiplyTransposedRows(matrix, new Float32Array(3))).toThrow(ShapeError);
    expect(() => multiplyRows(matrix, new Float32Array(0), 0)).toThrow(ArgumentError);
    expect(() => gatherTerms(matrix, 0)).toThrow(ArgumentError);
  });
});
