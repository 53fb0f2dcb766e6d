import { ArgumentError } from '@anomclip/core';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { depthImage } from './depth-image.js';

const positions = Float32Array.of(9, 9, 1, 9, 9, 3, 0, 0, 0, 9, 9, 2, 0, 0, 7, 9, 9, 1.5);
const foreground = Uint8Array.of(1, 1, 0, 1, 0, 1);

test('the nearest and farthest points of the foreground span 0…255, background is 0', () => {
  const image = depthImage({ positions, foreground, grid: [2, 3] });
  expect(image.shape).toEqual([2, 3, 3]);
  const grey = [0, 255, 0, 128, 0, 64];
  expect([...image.data]).toEqual(grey.flatMap((value) => [value, value, value]));
});

test('a scan is as its prepared cloud; its missing points are background', () => {
  const xyz = ndarray(Float32Array.of(1, 1, 1, 1, 1, 3, 0, 0, 0, 1, 1, 2), [2, 2, 3]);
  expect([...depthImage({ xyz }).data]).toEqual([0, 255, 0, 128].flatMap((value) => [value, value, value]));
});

test('a flat foreground stands out from the background; no foreground is black', () => {
  const flat = { positions: Float32Array.of(1, 1, 5, 0, 0, 0), grid: [1, 2] as const };
  expect([...depthImage({ ...flat, foreground: Uint8Array.of(1, 0) }).data]).toEqual([
    255, 255, 255, 0, 0, 0,
  ]);
  expect([...depthImage({ ...flat, foreground: new Uint8Array(2) }).data]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('a loose cloud has no depth image', () => {
  expect(() => depthImage({ positions, foreground })).toThrow(ArgumentError);
});
