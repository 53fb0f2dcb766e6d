import { ShapeError } from '@anomclip/core';
import { describe, expect, test } from 'vitest';
import { golden, hasShared } from '../testing/shared.js';
import { poolFeatures } from './pool.js';

function sineMap(side: number, frequency: number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, i) => Math.sin(frequency * i));
}

test.each([
  {
    side: 224,
    frequency: 0.001,
    cells: { 0: 0.728351076, 1: 0.7317418854, 371: -0.7192204647, 783: -0.7664770441 },
    sum: 0.3605904729,
  },
  {
    side: 28,
    frequency: 0.01,
    cells: { 0: 0.2785187515, 1: 0.28317838, 371: -0.5283884539 },
    sum: 64.054843885,
  },
  {
    side: 14,
    frequency: 0.01,
    cells: { 0: 0.1484584482, 1: 0.1484584482, 2: 0.1533660995, 371: 0.7656860807 },
    sum: 571.3386277326,
  },
])(
  'pools a map of side $side to the values of the method’s specification',
  ({ side, frequency, cells, sum }) => {
    const pooled = poolFeatures(sineMap(side, frequency), side, side, 1, 28);
    expect(pooled.length).toBe(784);
    for (const [cell, value] of Object.entries(cells)) expect(pooled[Number(cell)]).toBeCloseTo(value, 6);
    // The map is stored in float32: 784 roundings of up to 3e-8 each.
    expect(pooled.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 4);
  },
);

describe.skipIf(!hasShared)('against the golden file (skipped without ../shared)', () => {
  test.each(['avgpool3_adaptive28', 'avgpool3_adaptive_9'])('%s', (name) => {
    const { data, shape } = golden('memory-bank', 'input.feature_map');
    const expected = golden('memory-bank', name);
    const [, channels, height, width] = shape;
    const size = expected.shape[2];
    const pooled = poolFeatures(channelsLast(data, channels), height, width, channels, size);
    const wanted = channelsLast(expected.data, channels);
    expect(pooled.length).toBe(wanted.length);
    for (let i = 0; i < pooled.length; i++) expect(Math.abs(pooled[i] - wanted[i])).toBeLessThan(1e-5);
  });
});

test('rows and columns may differ, and each channel is pooled by itself', () => {
  // 3×4 pixels are 1×2 averages: row sums over columns 0…2 and 1…3, divided by 9.
  const map = Float32Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? i / 2 : 100));
  expect([...poolFeatures(map, 3, 4, 2, 2)]).toEqual([5, 100, 6, 100, 5, 100, 6, 100]);
});

test('refuses maps smaller than the window and sizes that do not fit the data', () => {
  expect(() => poolFeatures(new Float32Array(4), 2, 2, 1, 1)).toThrow(ShapeError);
  expect(() => poolFeatures(new Float32Array(10), 3, 3, 1, 1)).toThrow(ShapeError);
  expect(() => poolFeatures(new Float32Array(9), 3, 3, 1, 0)).toThrow('size of at least 1, got 0');
});

/** [C, H, W] to [H, W, C]. */
function channelsLast(data: Float32Array, channels: number): Float32Array {
  const pixels = data.length / channels;
  return Float32Array.from(data, (_, i) => data[(i % channels) * pixels + Math.floor(i / channels)]);
}
