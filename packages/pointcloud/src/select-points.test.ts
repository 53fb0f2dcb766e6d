import { ArgumentError, type PointCloud } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { everyKth, randomPoints, selectPoints } from './select-points.js';

const cloud: PointCloud = {
  positions: ndarray(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [3, 3]),
  colours: ndarray(Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3), [3, 3]),
  labels: Int32Array.of(-1, 0, 5),
};

test('selectPoints keeps order, repetitions and all attributes', () => {
  const { positions, colours, labels, normals } = selectPoints(cloud, Uint32Array.of(2, 0, 2));
  expect([...positions.data]).toEqual([7, 8, 9, 1, 2, 3, 7, 8, 9]);
  expect(positions.shape).toEqual([3, 3]);
  expect([...(colours?.data ?? [])]).toEqual([3, 3, 3, 1, 1, 1, 3, 3, 3]);
  expect(labels).toEqual(Int32Array.of(5, -1, 5));
  expect(normals).toBeUndefined();
});

test('selectPoints of nothing is an empty cloud, and indices outside are refused', () => {
  expect(selectPoints(cloud, new Uint32Array(0)).positions.shape).toEqual([0, 3]);
  expect(() => selectPoints(cloud, Uint32Array.of(3))).toThrow(ArgumentError);
});

test('everyKth counts from the first point', () => {
  expect([...everyKth(7, 3)]).toEqual([0, 3, 6]);
  expect([...everyKth(6, 3)]).toEqual([0, 3]);
  expect(everyKth(0, 3)).toHaveLength(0);
  expect(() => everyKth(3, 0)).toThrow(ArgumentError);
});

test('randomPoints draws distinct ascending indices, the same for the same seed', () => {
  const drawn = randomPoints(1000, 300, createRng(1));
  expect(new Set(drawn).size).toBe(300);
  expect([...drawn]).toEqual([...drawn].sort((a, b) => a - b));
  expect(drawn).toEqual(randomPoints(1000, 300, createRng(1)));
  expect(Math.max(...drawn)).toBeLessThan(1000);
  expect([...randomPoints(3, 9, createRng(1))]).toEqual([0, 1, 2]);
});
