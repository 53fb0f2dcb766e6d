import type { Rng } from '@anomclip/core/random';
import { exp, ln } from '@anomclip/core/random';
import { type BrightnessSpace, fromHue, hueOf, lumaSpaces } from './colour-spaces.js';
import { rotate } from './rotate.js';
import type { Pixels } from './synthetic-image.js';

/** Draws its parameters and changes 8-bit RGB pixels in place. */
type Augmenter = (pixels: Pixels, rng: Rng, spaces: readonly BrightnessSpace[]) => void;

/** In the order of the drawn indices: new ones go to the end. */
export const augmenters = {
  gammaContrast,
  brightness,
  sharpness,
  hueAndSaturation,
  solarise,
  posterise,
  invert,
  autoContrast,
  equalise,
  turn,
} satisfies Record<string, Augmenter>;

/** Three different augmenters of the ten, one after the other, on a copy. */
export function augmentTexture(texture: Pixels, rng: Rng, spaces: readonly BrightnessSpace[]): Pixels {
  const pixels = { ...texture, data: texture.data.slice() };
  const all = Object.values<Augmenter>(augmenters);
  for (const index of rng.sample(all.length, 3)) all[index](pixels, rng, spaces);
  return pixels;
}

function gammaContrast({ data }: Pixels, rng: Rng): void {
  for (let channel = 0; channel < 3; channel++) {
    const gamma = rng.uniform(0.5, 2);
    // The smallest number instead of 0, whose logarithm is infinite.
    lookUp(data, channel, (v) => 255 * exp(gamma * ln(Math.max(v, 1e-9) / 255)));
  }
}

function brightness({ data }: Pixels, rng: Rng, spaces: readonly BrightnessSpace[]): void {
  const { split, join } = lumaSpaces[spaces.length > 1 ? spaces[rng.integer(0, spaces.length)] : spaces[0]];
  const factor = rng.uniform(0.8, 1.2);
  const summand = rng.integer(-30, 31);
  const addFirst = rng.boolean();
  const out = new Float64Array(3);
  for (let i = 0; i < data.length; i += 3) {
    split(out, data[i], data[i + 1], data[i + 2]);
    const luma = addFirst ? (out[0] + summand) * factor : out[0] * factor + summand;
    join(out, Math.min(Math.max(luma, 0), 255), out[1], out[2]);
    for (let channel = 0; channel < 3; channel++) data[i + channel] = rounded(out[channel]);
  }
}

/** Away from (f > 1) or towards (f < 1) a 3 × 3 smoothing; the border stays. */
function sharpness({ data, height, width }: Pixels, rng: Rng): void {
  const f = rng.uniform(0, 2);
  const before = data.slice();
  const row = 3 * width;
  const columnSums = new Int32Array(row); // of three rows
  for (let i = 1; i < height - 1; i++) {
    const start = i * row;
    for (let x = 0, at = start; x < row; x++, at++) {
      columnSums[x] = before[at - row] + before[at] + before[at + row];
    }
    for (let x = 3, at = start + 3; x < row - 3; x++, at++) {
      const smooth = (columnSums[x - 3] + columnSums[x] + columnSums[x + 3] + 4 * before[at]) / 13;
      data[at] = rounded(smooth + f * (before[at] - smooth));
    }
  }
}

function hueAndSaturation({ data }: Pixels, rng: Rng): void {
  const turnBy = Math.trunc((rng.integer(-50, 51) / 255) * 180);
  const saturate = rng.integer(-50, 51);
  const out = new Float64Array(3);
  for (let i = 0; i < data.length; i += 3) {
    const red = data[i];
    const green = data[i + 1];
    const blue = data[i + 2];
    const high = Math.max(red, green, blue);
    const low = Math.min(red, green, blue);
    const turned = hueOf(red, green, blue, high, low) + turnBy; // |turnBy| ≤ 35
    const hue = turned < 0 ? turned + 180 : turned >= 180 ? turned - 180 : turned;
    const saturation = high === 0 ? 0 : (255 * (high - low)) / high;
    fromHue(out, hue, high, (high * Math.min(Math.max(saturation + saturate, 0), 255)) / 255);
    for (let channel = 0; channel < 3; channel++) data[i + channel] = rounded(out[channel]);
  }
}

function solarise({ data }: Pixels, rng: Rng): void {
  if (!rng.boolean()) return;
  const threshold = rng.uniform(32, 128);
  for (let i = 0; i < data.length; i++) if (data[i] > threshold) data[i] = 255 - data[i];
}

function posterise({ data }: Pixels, rng: Rng): void {
  const kept = 256 - (1 << (8 - rng.integer(1, 9)));
  for (let i = 0; i < data.length; i++) data[i] &= kept;
}

function invert({ data }: Pixels): void {
  for (let i = 0; i < data.length; i++) data[i] = 255 - data[i];
}

/** Stretches what is left of a channel's histogram after `cutOff` per cent of the pixels at either end. */
function autoContrast({ data }: Pixels, rng: Rng): void {
  const cutOff = rng.integer(0, 21);
  const drop = Math.floor((data.length * cutOff) / 300);
  for (let channel = 0; channel < 3; channel++) {
    const counts = histogram(data, channel);
    const low = firstBeyond(counts, drop, 0, 1);
    const high = firstBeyond(counts, drop, 255, -1);
    if (high > low) lookUp(data, channel, (v) => (255 * (v - low)) / (high - low));
  }
}

/** The first bin, from one end, at which more than `drop` pixels have been seen. */
function firstBeyond(counts: Uint32Array, drop: number, start: number, step: number): number {
  let bin = start;
  for (let seen = counts[bin]; seen <= drop; seen += counts[bin]) bin += step;
  return bin;
}

function equalise({ data }: Pixels): void {
  for (let channel = 0; channel < 3; channel++) {
    const counts = histogram(data, channel);
    const highest = counts.findLastIndex((count) => count > 0);
    const step = Math.floor((data.length / 3 - counts[highest]) / 255);
    if (step === 0) continue; // also when one bin holds all
    const darker = new Uint32Array(256);
    for (let v = 1; v < 256; v++) darker[v] = darker[v - 1] + counts[v - 1];
    lookUp(data, channel, (v) => Math.floor((darker[v] + (step >> 1)) / step));
  }
}

function turn({ data, height, width }: Pixels, rng: Rng): void {
  data.set(rotate({ data, height, width, channels: 3 }, rng.uniform(-45, 45)));
}

function histogram(data: Uint8Array, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = channel; i < data.length; i += 3) counts[data[i]]++;
  return counts;
}

/** Replaces every value of a channel by `map` of it, rounded and clipped. */
function lookUp(data: Uint8Array, channel: number, map: (value: number) => number): void {
  const table = Uint8Array.from({ length: 256 }, (_, value) => rounded(map(value)));
  for (let i = channel; i < data.length; i += 3) data[i] = table[data[i]];
}

/** To be stored in 8 bits, which truncates. */
function rounded(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5;
}
