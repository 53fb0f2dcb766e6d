import type { SafetensorsTensor } from './dtypes.js';

/**
 * A tensor's elements as float32. Exact for BOOL, integers up to 24 bits, F16 and BF16; others are rounded to the nearest.
 *
 * @returns The tensor's own data when it is F32 already, otherwise a new array.
 */
export function toFloat32({ dtype, data }: Pick<SafetensorsTensor, 'dtype' | 'data'>): Float32Array {
  if (data instanceof Float32Array) return data;
  // Loops, because the `from` of typed arrays gathers everything in an ordinary array first.
  const result = new Float32Array(data.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < data.length; i++) result[i] = Number(data[i]);
  } else if (dtype === 'BF16') {
    const bits = new Uint32Array(result.buffer);
    for (let i = 0; i < data.length; i++) bits[i] = data[i] << 16; // the upper half of a float32
  } else if (dtype === 'F16') {
    const numbers = float16Numbers();
    for (let i = 0; i < data.length; i++) result[i] = numbers[data[i]];
  } else {
    result.set(data);
  }
  return result;
}

let float16Table: Float32Array | undefined;

/** The number of each of the 65 536 float16s: looking one up is ten times as fast as working it out. */
function float16Numbers(): Float32Array {
  float16Table ??= Float32Array.from({ length: 65536 }, (_, bits) => float16ToNumber(bits));
  return float16Table;
}

/** IEEE 754 binary16: one sign bit, five exponent bits, ten fraction bits. */
function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
