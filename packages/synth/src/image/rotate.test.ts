import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { rotate } from './rotate.js';

const rng = createRng(1);
const raster = {
  data: Float64Array.from({ length: 35 * 2 }, () => rng.normal()),
  height: 5,
  width: 7,
  channels: 2,
};

test('no turn changes nothing, and a half turn mirrors both axes', () => {
  expect(rotate(raster, 0)).toEqual(raster.data);
  const half = rotate(raster, 180);
  for (let pixel = 0; pixel < 35; pixel++) {
    for (let c = 0; c < 2; c++)
      expect(half[2 * pixel + c]).toBeCloseTo(raster.data[2 * (34 - pixel) + c], 12);
  }
});

test('a quarter turn of a square moves every pixel to its place, and back again', () => {
  const data = Uint8Array.from({ length: 36 }, (_, i) => 7 * i);
  const square = { data, height: 6, width: 6, channels: 1 };
  const turned = rotate(square, 90);
  for (let i = 0; i < 6; i++)
    for (let j = 0; j < 6; j++) expect(turned[6 * i + j]).toBe(data[6 * (5 - j) + i]);
  expect(rotate({ ...square, data: turned }, -90)).toEqual(data);
});

test('outside is zero: corners fade and the middle of a constant stays', () => {
  const constant = { data: new Uint8Array(400).fill(200), height: 20, width: 20, channels: 1 };
  const turned = rotate(constant, 45);
  expect(turned[0]).toBe(0);
  expect(turned[10 * 20 + 10]).toBe(200);
});
