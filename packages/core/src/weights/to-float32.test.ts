import { expect, test } from 'vitest';
import { toFloat32 } from './to-float32.js';

test('F16 bits become the numbers of IEEE 754 binary16', () => {
  const bits = [
    0x0000, 0x8000, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x0400, 0x0001, 0x03ff, 0x7c00, 0xfc00, 0x7e00,
  ];
  const expected = [
    0,
    -0,
    1,
    -2,
    0.333251953125,
    65504,
    2 ** -14,
    2 ** -24,
    1023 * 2 ** -24,
    Infinity,
    -Infinity,
    NaN,
  ];
  expect([...toFloat32({ dtype: 'F16', data: Uint16Array.from(bits) })]).toEqual(expected);
});

test('BF16 bits are the upper half of a float32', () => {
  const bits = [0x0000, 0x8000, 0x3f80, 0xc000, 0x4049, 0x7f80, 0x0001];
  const expected = [0, -0, 1, -2, 3.140625, Infinity, 2 ** -133];
  expect([...toFloat32({ dtype: 'BF16', data: Uint16Array.from(bits) })]).toEqual(expected);
});

test('integers, booleans and float64 become the nearest float32', () => {
  expect([...toFloat32({ dtype: 'I8', data: Int8Array.of(-128, 127) })]).toEqual([-128, 127]);
  expect([...toFloat32({ dtype: 'BOOL', data: Uint8Array.of(0, 1) })]).toEqual([0, 1]);
  expect([...toFloat32({ dtype: 'U16', data: Uint16Array.of(0x3c00) })]).toEqual([0x3c00]);
  expect([...toFloat32({ dtype: 'I64', data: BigInt64Array.of(-5n, 2n ** 53n) })]).toEqual([-5, 2 ** 53]);
  expect([...toFloat32({ dtype: 'U64', data: BigUint64Array.of(2n ** 63n) })]).toEqual([2 ** 63]);
  expect([...toFloat32({ dtype: 'F64', data: Float64Array.of(0.1) })]).toEqual([Math.fround(0.1)]);
});

test('F32 is returned as it is', () => {
  const data = Float32Array.of(1, 2);
  expect(toFloat32({ dtype: 'F32', data })).toBe(data);
});
