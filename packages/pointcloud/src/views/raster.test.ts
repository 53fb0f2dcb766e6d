import { expect, test } from 'vitest';
import { depthImage, emptyRaster, type Raster, renderedDepth } from './raster.js';

const raster: Raster = { ...emptyRaster(3, 2), depth: Float32Array.of(Infinity, 2, 4, 3, 2, Infinity) };

test('renderedDepth is 0 where nothing is seen', () => {
  const { data, shape } = renderedDepth(raster);
  expect(shape).toEqual([2, 3]);
  expect([...data]).toEqual([0, 2, 4, 3, 2, 0]);
});

test('depthImage is bright where things are near', () => {
  const { data, shape } = depthImage(raster);
  expect(shape).toEqual([2, 3]);
  expect([...data]).toEqual([0, 255, 0, 128, 255, 0]);
});

test('depthImage of one depth is bright, of nothing dark', () => {
  expect([...depthImage({ ...raster, depth: Float32Array.of(5, 5, Infinity, 5, 5, 5) }).data]).toEqual([
    255, 255, 0, 255, 255, 255,
  ]);
  expect([...depthImage(emptyRaster(2, 1)).data]).toEqual([0, 0]);
});
