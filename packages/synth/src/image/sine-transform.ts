import { cosSinOfTurns } from '@anomclip/core/random';
import { createFft } from './fft.js';

/**
 * Discrete sine transform, type I, of lines of one length n, in place: X_k = Σ_j x_j sin(π j k / (n + 1)), j, k = 1…n.
 * Twice in a row it multiplies by (n + 1)/2.
 */
export type SineTransform = (data: Float64Array, lines: number) => void;

/** Up to here a matrix product, O(n²) without overhead, is faster than the Fourier transform, O(n log n). */
const longestDense = 160;

/** @param length - Values per line, n ≥ 1. */
export function createSineTransform(length: number): SineTransform {
  return length <= longestDense ? createDense(length) : createFourier(length);
}

/**
 * As a matrix product. Odd rows of the matrix are symmetric about the middle and even rows antisymmetric, so half of
 * the columns do, applied to sums and differences.
 */
export function createDense(length: number): SineTransform {
  const sines = sineTable(length + 1);
  const pairs = length >> 1;
  const sums = length - pairs; // with the middle, if there is one
  const odd = new Float64Array(sums * sums);
  const even = new Float64Array(pairs * pairs);
  const period = 2 * (length + 1);
  for (let row = 0; row < sums; row++) {
    for (let j = 0; j < sums; j++) odd[row * sums + j] = sines[((2 * row + 1) * (j + 1)) % period];
  }
  for (let row = 0; row < pairs; row++) {
    for (let j = 0; j < pairs; j++) even[row * pairs + j] = sines[(2 * (row + 1) * (j + 1)) % period];
  }
  const folded = new Float64Array(4 * length);
  return (data, lines) => {
    for (let line = 0; line < lines; line += 4) {
      const group = Math.min(4, lines - line);
      for (let member = 0; member < group; member++)
        fold(data, (line + member) * length, length, folded, member);
      multiply(odd, sums, folded, 0, data, line * length, group, length, 0);
      multiply(even, pairs, folded, 4 * sums, data, line * length, group, length, 1);
    }
  };
}

/** Sums, then differences, of the values at equal distance from the ends; four lines interleaved. */
function fold(data: Float64Array, start: number, length: number, folded: Float64Array, member: number): void {
  const pairs = length >> 1;
  const sums = length - pairs;
  for (let j = 0; j < pairs; j++) {
    const left = data[start + j];
    const right = data[start + length - 1 - j];
    folded[4 * j + member] = left + right;
    folded[4 * (sums + j) + member] = left - right;
  }
  if (sums > pairs) folded[4 * pairs + member] = data[start + pairs];
}

/** Rows of a square matrix times four interleaved vectors; row r goes to place 2r + parity of each line. */
function multiply(
  matrix: Float64Array,
  size: number,
  folded: Float64Array,
  from: number,
  data: Float64Array,
  start: number,
  group: number,
  length: number,
  parity: number,
): void {
  for (let row = 0; row < size; row++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    const end = (row + 1) * size;
    for (let i = row * size, at = from; i < end; i++, at += 4) {
      const weight = matrix[i];
      a += weight * folded[at];
      b += weight * folded[at + 1];
      c += weight * folded[at + 2];
      d += weight * folded[at + 3];
    }
    const to = start + 2 * row + parity;
    data[to] = a;
    if (group > 1) data[to + length] = b;
    if (group > 2) data[to + 2 * length] = c;
    if (group > 3) data[to + 3 * length] = d;
  }
}

/**
 * By a Fourier transform of length N = n + 1, two lines in its real and imaginary parts. With
 * y_j = sin(π j/N)(x_j + x_{N−j}) + (x_j − x_{N−j})/2, the sine part of y's spectrum is X_{2k} and the cosine part is
 * X_{2k+1} − X_{2k−1}.
 */
export function createFourier(length: number): SineTransform {
  const period = length + 1;
  const sines = sineTable(period);
  const fft = createFft(period);
  const real = new Float64Array(period);
  const imaginary = new Float64Array(period);
  const load = (data: Float64Array, start: number, y: Float64Array) => {
    y[0] = 0;
    for (let j = 1; j < period; j++) {
      const left = data[start + j - 1];
      const right = data[start + period - j - 1];
      y[j] = sines[j] * (left + right) + 0.5 * (left - right);
    }
  };
  return (data, lines) => {
    for (let line = 0; line < lines; line += 2) {
      const first = line * length;
      const second = line + 1 < lines ? first + length : -1;
      load(data, first, real);
      if (second >= 0) load(data, second, imaginary);
      else imaginary.fill(0);
      fft(real, imaginary);
      let sumA = real[0] / 2;
      let sumB = imaginary[0] / 2;
      data[first] = sumA;
      if (second >= 0) data[second] = sumB;
      for (let k = 1; 2 * k <= length; k++) {
        const mirror = period - k;
        // The spectra of the two real lines, separated by their symmetry; the sine part is minus the imaginary one.
        sumA += (real[k] + real[mirror]) / 2;
        data[first + 2 * k - 1] = (imaginary[mirror] - imaginary[k]) / 2;
        if (2 * k < length) data[first + 2 * k] = sumA;
        if (second < 0) continue;
        sumB += (imaginary[k] + imaginary[mirror]) / 2;
        data[second + 2 * k - 1] = (real[k] - real[mirror]) / 2;
        if (2 * k < length) data[second + 2 * k] = sumB;
      }
    }
  };
}

/** sin(π m / period), m = 0…2·period − 1. */
function sineTable(period: number): Float64Array {
  return Float64Array.from({ length: 2 * period }, (_, m) => cosSinOfTurns(m / (2 * period))[1]);
}
