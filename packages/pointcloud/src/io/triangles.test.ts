import { FormatError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { TriangleList } from './triangles.js';

function list(fill: (triangles: TriangleList) => void, vertexCount = 10): number[] | undefined {
  const triangles = new TriangleList();
  fill(triangles);
  const array = triangles.toArray('PLY', vertexCount);
  return array && [...array];
}

test('a polygon becomes a fan around its first corner', () => {
  expect(list((t) => t.addPolygon([5, 6, 7, 8]))).toEqual([5, 6, 7, 5, 7, 8]);
});

test('points and edges have no triangles', () => {
  expect(list((t) => t.addPolygon([1, 2]))).toBeUndefined();
});

test('every second triangle of a strip is turned, and −1 starts a new strip', () => {
  expect(list((t) => t.addStrips([0, 1, 2, 3, -1, 4, 5, 6]))).toEqual([0, 1, 2, 2, 1, 3, 4, 5, 6]);
});

test('degenerate triangles of a strip are left out but still turn the next one', () => {
  expect(list((t) => t.addStrips([0, 1, 1, 2, 3]))).toEqual([1, 2, 3]); // 011 and 112 fall away, 123 is the third
});

test.each([[[0, 1, 10]], [[0, 1, -2]], [[0, 1, 1.5]], [[0, 1, NaN]], [[0, 1, 2 ** 32]]])(
  '%j names a vertex that is not there',
  (corners) => {
    expect(() => list((t) => t.addPolygon(corners))).toThrow(FormatError);
  },
);
