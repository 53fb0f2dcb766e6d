/**
 * Numbers as the bits of IEEE 754 half precision, rounded to the nearest, ties to even: the data of an F16 tensor. Numbers
 * from 65 520 up become infinite.
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, float16Bits);
}

function float16Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const halfExponent = exponent - 127 + 15;
  if (halfExponent >= 31) return sign | 0x7c00;
  // The leading 1 is written out; below the normal range it moves right, step by step, until nothing is left.
  const shift = halfExponent > 0 ? 13 : Math.min(14 - halfExponent, 25);
  const significand = fraction | (exponent === 0 ? 0 : 0x800000);
  const kept = significand >>> shift;
  const rest = significand - kept * 2 ** shift;
  const middle = 2 ** (shift - 1);
  const roundsUp = rest > middle || (rest === middle && (kept & 1) === 1);
  // A carry out of the fraction becomes the next exponent by itself, up to infinity.
  const base = halfExponent > 0 ? ((halfExponent - 1) << 10) + kept : kept;
  return sign | (base + (roundsUp ? 1 : 0));
}
