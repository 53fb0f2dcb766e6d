import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { btfConfig } from './config.js';
import { mapFromModelGrid, maskToModelGrid, scanToModelGrid } from './model-grid.js';

const config = btfConfig({ size: 10, patches: 5 });

test('a mask is padded to the square of whole hundreds and read at pixel centres', () => {
  // 40×100 pixels on 100×100: 30 rows above. Model pixel i reads padded row 10 i + 5.
  const mask = ndarray(new Uint8Array(40 * 100), [40, 100]);
  mask.set(5, 25, 1); // padded (35, 25): model (3, 2)
  mask.set(4, 45, 1); // padded (34, 45): between the centres
  const model = maskToModelGrid(mask, config);
  expect(model.shape).toEqual([10, 10]);
  expect(Array.from(model.data, (value, i) => (value ? i : -1)).filter((i) => i >= 0)).toEqual([32]);
});

test('a raw mask is not padded', () => {
  const mask = ndarray(new Uint8Array(40 * 100), [40, 100]);
  mask.set(6, 25, 1); // rows 4 i + 2, columns 10 j + 5
  expect(maskToModelGrid(mask, { ...config, preprocess: 'raw' }).get(1, 2)).toBe(1);
});

test('a map goes back to the pixels of its scan, padding cut off', () => {
  // The model's rows are 0…9; padded row r lies at (r + 0.5)/10 − 0.5 between them.
  const map = ndarray(
    Float32Array.from({ length: 100 }, (_, i) => Math.floor(i / 10)),
    [10, 10],
  );
  const placement = { shape: [40, 100], paddedShape: [100, 100], top: 30, left: 0 } as const;
  const back = mapFromModelGrid(map, placement);
  expect(back.shape).toEqual([40, 100]);
  expect(back.get(0, 0)).toBeCloseTo(30.5 / 10 - 0.5, 6);
  expect(back.get(39, 99)).toBeCloseTo(69.5 / 10 - 0.5, 6);
});

test('a raw scan is reduced to the grid with the source rows of the published program', () => {
  const xyz = ndarray(new Float32Array(25 * 10 * 3), [25, 10, 3]);
  for (let row = 0; row < 25; row++)
    for (let column = 0; column < 10; column++) xyz.set(row, column, 2, row + 1);
  const { organised, placement } = scanToModelGrid({ organised: { xyz } }, { ...config, preprocess: 'raw' });
  const rows = Array.from({ length: 10 }, (_, i) => organised.xyz.get(i, 0, 2) - 1);
  expect(rows).toEqual([0, 2, 5, 7, 10, 12, 15, 17, 20, 22]);
  expect(placement).toEqual({ shape: [25, 10], paddedShape: [25, 10], top: 0, left: 0 });
});

test('a cleaned scan is padded, and keeps where it lies', () => {
  const xyz = ndarray(new Float32Array(40 * 100 * 3), [40, 100, 3]);
  expect(scanToModelGrid({ organised: { xyz } }, config).placement).toEqual({
    shape: [40, 100],
    paddedShape: [100, 100],
    top: 30,
    left: 0,
  });
});
