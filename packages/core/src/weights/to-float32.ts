import type { SafetensorsTensor } from './dtypes.js';

/**
 * A tensor's elements as float32. Exact for BOOL, integers up to 24 bits, F16 and BF16; others are rounded to the nearest.
 *
 * @returns The tensor's own data when it is F32 already, otherwise a new array.
 */
export function toFloat32({ dtype, data }: Pick<SafetensorsTensor, 'dtype' | 'data'>): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float32Array.from(data as ArrayLike<bigint>, Number);
  }
  if (dtype === 'BF16') {
    const bits = new Uint32Array(data.length);
    for (let i = 0; i < bits.length; i++) bits[i] = data[i] << 16; // the upper half of a float32
    return new Float32Array(bits.buffer);
  }
  return dtype === 'F16' ? Float32Array.from(data, float16ToNumber) : new Float32Array(data);
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
