/** Which source elements, at which weights, make each element of a resized axis. */
export interface AxisTaps {
  /** First source index of every output. */
  readonly starts: Int32Array;
  /** Number of source elements of every output. */
  readonly counts: Int32Array;
  /** Weights, row `i` at `i·width`; the rest of a row is 0. */
  readonly weights: Float64Array;
  /** Room for taps per output. */
  readonly width: number;
}

/** A filter: its weight at distance x, zero from `support` on. */
export interface Kernel {
  readonly support: number;
  readonly weight: (x: number) => number;
}

/** The tent, as wide as one pixel on either side. */
export const triangle: Kernel = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/** Keys' cubic convolution kernel: −0.5 in Pillow and in PyTorch with antialias, −0.75 in PyTorch without. */
export function cubic(a: number): Kernel {
  return {
    support: 2,
    weight(x) {
      const d = Math.abs(x);
      if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
      return 0;
    },
  };
}

/**
 * Taps of an antialiased axis: the kernel is stretched by the reduction factor, cut off at the border and scaled to
 * sum 1 (`precompute_coeffs` of Pillow; BTF supplement 4.2).
 */
export function antialiasedTaps(sourceLength: number, length: number, { support, weight }: Kernel): AxisTaps {
  const scale = sourceLength / length;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const width = Math.ceil(reach) * 2 + 1;
  const taps = emptyTaps(length, width);
  for (let i = 0; i < length; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(sourceLength, Math.trunc(centre + reach + 0.5)) - start;
    let total = 0;
    for (let k = 0; k < count; k++) {
      const w = weight((k + start - centre + 0.5) * (1 / stretch));
      taps.weights[i * width + k] = w;
      total += w;
    }
    for (let k = 0; k < count; k++) taps.weights[i * width + k] /= total;
    taps.starts[i] = start;
    taps.counts[i] = count;
  }
  return taps;
}

/** Room for `length` outputs of at most `width` taps. */
export function emptyTaps(length: number, width: number): AxisTaps {
  return {
    starts: new Int32Array(length),
    counts: new Int32Array(length),
    weights: new Float64Array(length * width),
    width,
  };
}
