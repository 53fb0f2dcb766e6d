import ndarray, { type NdArray } from 'ndarray';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../errors.js';
import { largestDifference, readGolden } from '../testing/arrays.fixture.js';
import { hasShared } from '../testing/golden.fixture.js';
import { contiguous } from './contiguous.js';
import { type InterpolateOptions, interpolate } from './interpolate.js';

const line = (...values: number[]): NdArray<Float32Array> =>
  ndarray(Float32Array.from(values), [1, values.length]);

describe.skipIf(!hasShared)('golden files (skipped where ../shared is absent)', () => {
  test.each<[input: string, output: string, options: InterpolateOptions]>([
    ['input.map_nchw', 'interp_bilinear_align0_23x31', {}],
    ['input.map_nchw', 'interp_bilinear_align1_23x31', { alignCorners: true }],
    ['input.map_nchw', 'interp_nearest_23x31', { mode: 'nearest' }],
    ['input.map_nchw', 'interp_nearest_down_3x4', { mode: 'nearest' }],
    ['input.pos_embed_grid', 'interp_bicubic_align0_8x8', { mode: 'bicubic' }],
    ['input.pos_embed_grid', 'interp_bicubic_antialias_8x8', { mode: 'bicubic', antialias: true }],
  ])('%s becomes PyTorch’s %s', (input, output, options) => {
    const golden = readGolden('image-ops');
    const source = golden(input) as NdArray<Float32Array>;
    const expected = golden(output);
    const [batch, channels, height, width] = source.shape;
    const [newHeight, newWidth] = expected.shape.slice(2);
    const channelsLast = ndarray(source.data, [batch * channels, height, width]).transpose(1, 2, 0);
    const resized = interpolate(channelsLast, newHeight, newWidth, options);
    expect(resized.shape).toEqual([newHeight, newWidth, batch * channels]);
    expect(largestDifference(contiguous(resized.transpose(2, 0, 1)), expected.data)).toBeLessThan(1e-6);
    const alone = interpolate(channelsLast.pick(null, null, 1), newHeight, newWidth, options);
    expect(largestDifference(alone.data, contiguous(resized.pick(null, null, 1)))).toBe(0);
  });

  test('a 28 × 28 map becomes the reference’s larger one', () => {
    const golden = readGolden('memory-bank');
    const { data, shape } = golden('map_resized_64');
    const side = Math.sqrt(golden('min_distances').shape[0]);
    const small = ndarray(golden('min_distances').data as Float32Array, [side, side]);
    expect(largestDifference(interpolate(small, shape[2], shape[3]).data, data)).toBeLessThan(1e-5);
  });
});

test('eightfold bilinear of a ramp holds at the border and rises by 1/8', () => {
  const ramp = line(...Array.from({ length: 28 }, (_, i) => i));
  const resized = [...interpolate(ramp, 1, 224).data];
  expect(resized.slice(0, 7)).toEqual([0, 0, 0, 0, 0.0625, 0.1875, 0.3125]); // BTF supplement, section 7
  expect(resized.slice(-4)).toEqual([27, 27, 27, 27]);
});

test('aligned corners keep the corners and the even spacing', () => {
  expect([...interpolate(line(1, 3), 1, 5, { alignCorners: true }).data]).toEqual([1, 1.5, 2, 2.5, 3]);
  expect([...interpolate(line(1, 3), 1, 1, { alignCorners: true }).data]).toEqual([1]);
});

test('bicubic passes through the samples when corners are aligned', () => {
  const values = [1, 5, -2, 4, 0];
  const resized = interpolate(line(...values), 1, 9, { mode: 'bicubic', alignCorners: true }).data;
  expect([...resized].filter((_, i) => i % 2 === 0)).toEqual(values);
  // Half way: weights −0.09375, 0.59375, 0.59375, −0.09375 of the kernel with a = −0.75.
  expect(resized[3]).toBeCloseTo(0.59375 * (5 - 2) - 0.09375 * (1 + 4), 6);
});

test('nearest takes the element at floor(i · source/target)', () => {
  expect([...interpolate(line(1, 2, 3), 2, 5, { mode: 'nearest' }).data]).toEqual([
    1, 1, 2, 2, 3, 1, 1, 2, 2, 3,
  ]);
});

test('antialiased bilinear averages what plain bilinear skips', () => {
  const comb = line(1, 0, 0, 0, 0, 0, 0, 0);
  expect(Math.max(...interpolate(comb, 1, 2).data)).toBe(0);
  expect(interpolate(comb, 1, 2, { antialias: true }).data[0]).toBeGreaterThan(0.1);
});

test.each<InterpolateOptions>([
  {},
  { alignCorners: true },
  { antialias: true },
  { mode: 'nearest' },
  { mode: 'bicubic' },
  { mode: 'bicubic', antialias: true },
])('a constant map stays constant and the same size copies: %o', (options) => {
  const constant = ndarray(new Float32Array(35).fill(0.3), [5, 7]);
  expect(
    largestDifference(interpolate(constant, 9, 3, options).data, new Float32Array(27).fill(0.3)),
  ).toBeLessThan(1e-7);
  const map = ndarray(
    Float32Array.from({ length: 35 }, (_, i) => Math.sin(i)),
    [5, 7],
  );
  expect(largestDifference(interpolate(map, 5, 7, options).data, map.data)).toBeLessThan(1e-6);
});

test('strided views give what their copies give', () => {
  const map = ndarray(
    Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)),
    [10, 6],
  );
  const view = map.lo(1, 0).step(2, -1).transpose(1, 0);
  const copy = ndarray(contiguous(view), view.shape);
  expect(interpolate(view, 4, 9).data).toEqual(interpolate(copy, 4, 9).data);
});

test('wrong shapes, sizes, modes and combinations are refused', () => {
  expect(() => interpolate(ndarray(new Float32Array(3), [3]), 1, 1)).toThrow(ShapeError);
  expect(() => interpolate(line(), 1, 1)).toThrow(ShapeError);
  expect(() => interpolate(line(1), 1, 0)).toThrow(ArgumentError);
  expect(() => interpolate(line(1), 1, 1, { mode: 'cubic' as 'bicubic' })).toThrow(ArgumentError);
  expect(() => interpolate(line(1), 1, 1, { mode: 'nearest', antialias: true })).toThrow(ArgumentError);
  expect(() => interpolate(line(1), 1, 1, { alignCorners: true, antialias: true })).toThrow(ArgumentError);
});
