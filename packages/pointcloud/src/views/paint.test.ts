import { ArgumentError, ShapeError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { paintColours, paintGrey } from './paint.js';
import { emptyRaster, type Raster } from './raster.js';

const raster: Raster = { ...emptyRaster(3, 2), index: Int32Array.of(-1, 0, 1, 1, -1, 0) };

test('one raster takes any number of colourings', () => {
  const grey = paintGrey(raster, Uint8Array.of(10, 20));
  expect(grey.shape).toEqual([2, 3]);
  expect([...grey.data]).toEqual([255, 10, 20, 20, 255, 10]);
  const colours = paintColours(raster, Uint8Array.of(1, 2, 3, 4, 5, 6), [7, 8, 9]);
  expect(colours.shape).toEqual([2, 3, 3]);
  expect([...colours.data]).toEqual([7, 8, 9, 1, 2, 3, 4, 5, 6, 4, 5, 6, 7, 8, 9, 1, 2, 3]);
});

test('an empty raster is background', () => {
  expect([...paintGrey(emptyRaster(2, 1), new Uint8Array(0), 3).data]).toEqual([3, 3]);
});

test('refuses colours for fewer points than are seen, and backgrounds that are no bytes', () => {
  expect(() => paintGrey(raster, Uint8Array.of(1))).toThrow(ShapeError);
  expect(() => paintColours(raster, Uint8Array.of(1, 2, 3, 4, 5))).toThrow(ShapeError);
  expect(() => paintGrey(raster, Uint8Array.of(1, 2), 256)).toThrow(ArgumentError);
  expect(() => paintColours(raster, new Uint8Array(6), [0, 0.5, 0])).toThrow(ArgumentError);
});
