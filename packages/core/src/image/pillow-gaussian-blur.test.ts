import ndarray, { type NdArray } from 'ndarray';
import { expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../errors.js';
import { largestDifference, readGolden } from '../testing/arrays.fixture.js';
import { hasShared } from '../testing/golden.fixture.js';
import { contiguous } from './contiguous.js';
import { pillowGaussianBlur } from './pillow-gaussian-blur.js';

/** The image of the BTF supplement, section 7. */
const example = ndarray(new Uint8Array(12 * 16), [12, 16]);
for (let i = 0; i < 12; i++) {
  for (let j = 0; j < 16; j++) example.set(i, j, (7 * i + 13 * j + 5 * ((i * j) % 11)) % 256);
}

test('equals Pillow’s on a small image, whose lines are shorter than the kernel', () => {
  const rows = (index: number): string =>
    [...contiguous(pillowGaussianBlur(example, 4).pick(index, null))].join(' ');
  expect(rows(0)).toBe('54 59 66 75 85 96 108 120 132 142 151 160 167 173 178 181');
  expect(rows(6)).toBe('84 89 96 105 114 124 134 142 149 154 157 158 158 156 155 153');
  expect(rows(11)).toBe('102 107 114 122 131 139 146 152 155 156 153 148 142 135 129 124');
});

test.skipIf(!hasShared)('makes the blurred map of the reference (skipped where ../shared is absent)', () => {
  const golden = readGolden('memory-bank');
  const map = golden('map_resized_64').data as Float32Array;
  const highest = map.reduce((a, b) => Math.max(a, b));
  const quantised = Uint8Array.from(map, (value) => Math.floor((value / highest) * 255));
  const blurred = pillowGaussianBlur(ndarray(quantised, [64, 64]), 4).data;
  const result = Float32Array.from(blurred, (value) => (value / 255) * highest);
  expect(largestDifference(result, golden('map_blurred_64').data)).toBeLessThan(1e-5);
});

test('an impulse spreads as three boxes of radius 3.4375 do', () => {
  const line = ndarray(new Uint8Array(31), [1, 31]);
  line.set(0, 15, 255);
  const response = [0.094238, 0.092191, 0.086048, 0.07581, 0.062327, 0.048015, 0.035089, 0.024211]; // section 7
  const blurred = pillowGaussianBlur(line, 4);
  response.forEach((weight, distance) => {
    expect(Math.abs(blurred.get(0, 15 + distance) - 255 * weight)).toBeLessThan(1.5);
    expect(blurred.get(0, 15 - distance)).toBe(blurred.get(0, 15 + distance));
  });
});

test.each([0.3, 1, 2.7, 10, 60])('radius %d keeps a constant image constant', (radius) => {
  const white = ndarray(new Uint8Array(35).fill(255), [5, 7]);
  expect([...pillowGaussianBlur(white, radius).data]).toEqual(new Array(35).fill(255));
});

test('radius 0 copies, and the argument is never changed', () => {
  const before = example.data.slice();
  const copy = pillowGaussianBlur(example, 0);
  expect(copy.data).toEqual(before);
  expect(copy.data).not.toBe(example.data);
  pillowGaussianBlur(example, 3);
  expect(example.data).toEqual(before);
  const buffer = Buffer.from(before);
  pillowGaussianBlur(ndarray(buffer, [12, 16]), 3);
  expect([...buffer]).toEqual([...before]);
});

test('strided views give what their copies give', () => {
  const view = example.step(2, -1).transpose(1, 0);
  const copy: NdArray<Uint8Array> = ndarray(contiguous(view), view.shape);
  expect(pillowGaussianBlur(view, 2).data).toEqual(pillowGaussianBlur(copy, 2).data);
});

test('an empty image gives an empty image; colours and negative radii are refused', () => {
  expect(pillowGaussianBlur(ndarray(new Uint8Array(0), [0, 3]), 2).size).toBe(0);
  expect(() => pillowGaussianBlur(ndarray(new Uint8Array(12), [2, 2, 3]), 2)).toThrow(ShapeError);
  expect(() => pillowGaussianBlur(example, -1)).toThrow(ArgumentError);
  expect(() => pillowGaussianBlur(example, Number.NaN)).toThrow(ArgumentError);
});
