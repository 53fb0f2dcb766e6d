import { expect, test } from 'vitest';
import { toFloat16 } from './to-float16.js';
import { toFloat32 } from './to-float32.js';

test('every half-precision number survives the way to float32 and back', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const back = toFloat16(toFloat32({ dtype: 'F16', data: all }));
  const isNaN16 = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
  expect(all.filter((bits) => !isNaN16(bits) && back[bits] !== bits)).toHaveLength(0);
  expect(all.filter(isNaN16).every((bits) => isNaN16(back[bits]))).toBe(true);
});

test.each([
  // Between 1 and the next number, 1 + 2⁻¹⁰, and between that and 1 + 2⁻⁹: ties go to the even fraction.
  [1 + 2 ** -11, 0x3c00],
  [1 + 2 ** -11 + 2 ** -20, 0x3c01],
  [1 + 3 * 2 ** -11, 0x3c02],
  [65519, 0x7bff],
  [65520, 0x7c00],
  [-70000, 0xfc00],
  [2 ** -24, 1],
  [2 ** -25, 0],
  [2 ** -25 + 2 ** -40, 1],
  [2 ** -14 - 2 ** -26, 0x400],
  [1e-30, 0],
])('%d is rounded to the nearest', (value, bits) => {
  expect(toFloat16(Float32Array.of(value))[0]).toBe(bits);
});
