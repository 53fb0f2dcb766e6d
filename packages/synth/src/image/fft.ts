import { cosSinOfTurns } from '@anomclip/core/random';

/** Z_k = Σ_j z_j e^(−2πi j k / n) of one sequence, in place. */
export type Fft = (real: Float64Array, imaginary: Float64Array) => void;

/**
 * A Fourier transform of any length: radix 2 for powers of two, otherwise Bluestein's convolution with a chirp
 * (L. Bluestein 1970, doi:10.1109/TAU.1970.1162132), which takes two transforms of the next power of two above 2n.
 *
 * @param length - n ≥ 1.
 */
export function createFft(length: number): Fft {
  return (length & (length - 1)) === 0 ? createRadix2(length) : createBluestein(length);
}

function createRadix2(length: number): Fft {
  const cosines = new Float64Array(length >> 1);
  const sines = new Float64Array(length >> 1);
  for (let k = 0; k < length >> 1; k++) [cosines[k], sines[k]] = cosSinOfTurns(k / length);
  const swaps = bitReversal(length);
  return (real, imaginary) => {
    for (let i = 0; i < length; i++) {
      const other = swaps[i];
      if (other <= i) continue;
      [real[i], real[other]] = [real[other], real[i]];
      [imaginary[i], imaginary[other]] = [imaginary[other], imaginary[i]];
    }
    for (let half = 1; half < length; half *= 2) {
      const step = length / (2 * half);
      for (let start = 0; start < length; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const cos = cosines[k * step];
          const sin = sines[k * step];
          const low = start + k;
          const high = low + half;
          const re = real[high] * cos + imaginary[high] * sin;
          const im = imaginary[high] * cos - real[high] * sin;
          real[high] = real[low] - re;
          imaginary[high] = imaginary[low] - im;
          real[low] += re;
          imaginary[low] += im;
        }
      }
    }
  };
}

function bitReversal(length: number): Uint32Array {
  const reversed = new Uint32Array(length);
  for (let i = 1; i < length; i++) reversed[i] = (reversed[i >> 1] >> 1) | (i & 1 ? length >> 1 : 0);
  return reversed;
}

function createBluestein(length: number): Fft {
  let size = 1;
  while (size < 2 * length - 1) size *= 2;
  const fft = createRadix2(size);
  const cos = new Float64Array(length);
  const sin = new Float64Array(length);
  // The chirp e^(iπ k²/n); k² is reduced first, since it outgrows what the angle can resolve.
  for (let k = 0; k < length; k++) [cos[k], sin[k]] = cosSinOfTurns(((k * k) % (2 * length)) / (2 * length));
  const chirpReal = new Float64Array(size);
  const chirpImaginary = new Float64Array(size);
  for (let k = 0; k < length; k++) {
    for (const at of k === 0 ? [0] : [k, size - k]) [chirpReal[at], chirpImaginary[at]] = [cos[k], sin[k]];
  }
  fft(chirpReal, chirpImaginary);

  const re = new Float64Array(size);
  const im = new Float64Array(size);
  return (real, imaginary) => {
    re.fill(0, length);
    im.fill(0, length);
    for (let k = 0; k < length; k++) {
      re[k] = real[k] * cos[k] + imaginary[k] * sin[k];
      im[k] = imaginary[k] * cos[k] - real[k] * sin[k];
    }
    fft(re, im);
    for (let k = 0; k < size; k++) {
      const product = re[k] * chirpReal[k] - im[k] * chirpImaginary[k];
      // Conjugated, so that a forward transform is the inverse one.
      im[k] = -(re[k] * chirpImaginary[k] + im[k] * chirpReal[k]);
      re[k] = product;
    }
    fft(re, im);
    for (let k = 0; k < length; k++) {
      real[k] = (re[k] * cos[k] - im[k] * sin[k]) / size;
      imaginary[k] = -(im[k] * cos[k] + re[k] * sin[k]) / size;
    }
  };
}
