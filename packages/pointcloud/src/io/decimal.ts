/** 10⁰…10²², all exact in float64. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * (`high` · `lowScale` + `low`) · 10^`exponent`, rounded once to the nearest float64, or NaN when that takes more
 * than float64 arithmetic (the caller then asks `Number`, which is ten times slower).
 *
 * @param high - Integer below 2⁵³.
 * @param low - Integer below `lowScale`.
 * @param lowScale - Power of ten up to 10⁷.
 */
export function decimalToFloat64(high: number, low: number, lowScale: number, exponent: number): number {
  if (exponent < -22 || exponent > 22) return high === 0 && low === 0 ? 0 : NaN;
  const power = POWERS_OF_TEN[Math.abs(exponent)];
  // One operation on exact operands is rounded once (Clinger 1990).
  if (lowScale === 1) return exponent < 0 ? high / power : high * power;

  // The integer as an unevaluated sum head + tail (Dekker 1971), good to 2⁻¹⁰⁴.
  const product = high * lowScale;
  const head = product + low;
  const tail = low - (head - product) + productError(high, lowScale, product);

  let value: number;
  let correction: number;
  if (exponent < 0) {
    value = head / power;
    const back = value * power;
    correction = (head - back - productError(value, power, back) + tail) / power;
  } else {
    value = head * power;
    correction = productError(head, power, value) + tail * power;
  }
  // The correction is good to 40 bits and more; if its last bits could decide the rounding, it is not ours to do.
  const margin = Math.abs(correction) * 2 ** -40;
  const rounded = value + (correction - margin);
  return rounded === value + (correction + margin) ? rounded : NaN;
}

/** a · b − `product` exactly, where `product` is a · b rounded. */
function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const aLow = a - aHigh;
  const bHigh = upperHalf(b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** The upper 26 bits of a float64 (Veltkamp's splitting). */
function upperHalf(x: number): number {
  const scaled = 134217729 * x; // 2²⁷ + 1
  return scaled - (scaled - x);
}
