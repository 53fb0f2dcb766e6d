/**
 * Squared Euclidean distance of two rows, or any value above `limit` as soon as the sum has passed it.
 * Most rows of a search are far away, and a few coordinates prove it.
 *
 * Every caller sums in this one order, so that equal rows tie exactly wherever they are compared.
 */
export function squaredDistanceWithin(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  dimension: number,
  limit: number,
): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let k = 0;
  // Blocks of eight: long enough to hide the comparison, short enough to leave early.
  for (const end = dimension - 7; k < end; k += 8) {
    const i = aStart + k;
    const j = bStart + k;
    const d0 = a[i] - b[j];
    const d1 = a[i + 1] - b[j + 1];
    const d2 = a[i + 2] - b[j + 2];
    const d3 = a[i + 3] - b[j + 3];
    const d4 = a[i + 4] - b[j + 4];
    const d5 = a[i + 5] - b[j + 5];
    const d6 = a[i + 6] - b[j + 6];
    const d7 = a[i + 7] - b[j + 7];
    sum0 += d0 * d0 + d4 * d4;
    sum1 += d1 * d1 + d5 * d5;
    sum2 += d2 * d2 + d6 * d6;
    sum3 += d3 * d3 + d7 * d7;
    const sum = sum0 + sum1 + (sum2 + sum3);
    if (sum > limit) return sum;
  }
  for (; k < dimension; k++) {
    const difference = a[aStart + k] - b[bStart + k];
    sum0 += difference * difference;
  }
  return sum0 + sum1 + (sum2 + sum3);
}
