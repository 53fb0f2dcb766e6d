import { type AxisTaps, antialiasedTaps, cubic, emptyTaps, triangle } from './axis-taps.js';

/** Taps of one axis as PyTorch's `interpolate` chooses them. */
export function interpolationTaps(
  sourceLength: number,
  length: number,
  mode: 'bilinear' | 'nearest' | 'bicubic',
  alignCorners: boolean,
  antialias: boolean,
): AxisTaps {
  if (mode === 'nearest') return nearestTaps(sourceLength, length);
  if (antialias) return antialiasedTaps(sourceLength, length, mode === 'bicubic' ? cubic(-0.5) : triangle);
  return mode === 'bicubic'
    ? cubicTaps(sourceLength, length, alignCorners)
    : linearTaps(sourceLength, length, alignCorners);
}

function nearestTaps(sourceLength: number, length: number): AxisTaps {
  const taps = emptyTaps(length, 1);
  // PyTorch computes this position in float32, and that decides some pixels.
  const scale = Math.fround(sourceLength / length);
  for (let i = 0; i < length; i++) {
    taps.starts[i] = Math.min(Math.floor(Math.fround(i * scale)), sourceLength - 1);
  }
  taps.counts.fill(1);
  taps.weights.fill(1);
  return taps;
}

function linearTaps(sourceLength: number, length: number, alignCorners: boolean): AxisTaps {
  const taps = emptyTaps(length, 2);
  for (let i = 0; i < length; i++) {
    const position = Math.max(0, sourcePosition(i, sourceLength, length, alignCorners));
    const start = Math.min(Math.floor(position), sourceLength - 1);
    const fraction = position - start;
    taps.starts[i] = start;
    taps.counts[i] = start + 1 < sourceLength ? 2 : 1;
    taps.weights[2 * i] = taps.counts[i] === 2 ? 1 - fraction : 1;
    taps.weights[2 * i + 1] = taps.counts[i] === 2 ? fraction : 0;
  }
  return taps;
}

/** Four taps; those outside fall on the border element. */
function cubicTaps(sourceLength: number, length: number, alignCorners: boolean): AxisTaps {
  const taps = emptyTaps(length, 4);
  const { weight } = cubic(-0.75);
  const clamp = (index: number): number => Math.min(Math.max(index, 0), sourceLength - 1);
  for (let i = 0; i < length; i++) {
    const position = sourcePosition(i, sourceLength, length, alignCorners);
    const floor = Math.floor(position);
    const start = clamp(floor - 1);
    taps.starts[i] = start;
    taps.counts[i] = clamp(floor + 2) - start + 1;
    for (let index = floor - 1; index <= floor + 2; index++) {
      taps.weights[4 * i + clamp(index) - start] += weight(position - index);
    }
  }
  return taps;
}

function sourcePosition(i: number, sourceLength: number, length: number, alignCorners: boolean): number {
  if (alignCorners) return length > 1 ? (i * (sourceLength - 1)) / (length - 1) : 0;
  return ((i + 0.5) * sourceLength) / length - 0.5;
}
