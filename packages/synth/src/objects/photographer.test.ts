import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { sensorCamera } from './camera.js';
import { drawPhotographer } from './photographer.js';
import type { Lens } from './station.js';

const ideal: Lens = { blur: 0, vignetting: 0, exposureSpread: 0, readNoise: 0, shotNoise: 0, chroma: 0 };
const side = 100;
const centre = 3 * (50 * side + 50);

function photograph(light: number | Float64Array, lens: Partial<Lens>, seed = 1): Uint8Array {
  const scene = typeof light === 'number' ? new Float64Array(3 * side * side).fill(light) : light;
  return drawPhotographer(createRng(seed), sensorCamera(side, side), { ...ideal, ...lens })(scene);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

test('an ideal lens records light as it is, and clips what is brighter than white', () => {
  expect(new Set(photograph(0.4, {}))).toEqual(new Set([102]));
  expect(new Set(photograph(1.3, {}))).toEqual(new Set([255]));
});

test('the blur of a point has the standard deviation asked for', () => {
  const light = new Float64Array(3 * side * side).fill(1e-9); // 0 would be no scene at all
  light.fill(20, centre, centre + 3);
  const image = photograph(light, { blur: 0.02 });
  let [mass, moment] = [0, 0];
  for (let i = 0; i < image.length; i += 3) {
    const [row, column] = [Math.floor(i / 3 / side) - 50, ((i / 3) % side) - 50];
    mass += image[i];
    moment += image[i] * (row * row + column * column);
  }
  expect(Math.sqrt(moment / mass / 2)).toBeCloseTo(0.02 * side, 1);
});

test('corners lose the share of the light that vignetting says, the middle loses none', () => {
  const image = photograph(0.8, { vignetting: 0.4 });
  expect(image[centre]).toBe(204);
  expect(image[0] / 204).toBeGreaterThan(0.59);
  expect(image[0] / 204).toBeLessThan(0.62);
});

test('read noise is the same everywhere, shot noise grows with the root of the light', () => {
  const sd = (light: number, lens: Partial<Lens>) => deviation([...photograph(light, lens)]);
  expect(sd(0.2, { readNoise: 4 })).toBeCloseTo(4, 0);
  expect(sd(0.8, { readNoise: 4 })).toBeCloseTo(4, 0);
  expect(sd(0.8, { shotNoise: 8 }) / sd(0.2, { shotNoise: 8 })).toBeCloseTo(2, 0);
});

test('channels share their noise, but for the share that is chroma', () => {
  const difference = (chroma: number) => {
    const image = photograph(0.5, { readNoise: 5, chroma });
    return deviation(Array.from({ length: side * side }, (_, i) => image[3 * i] - image[3 * i + 1]));
  };
  expect(difference(0)).toBe(0);
  expect(difference(0.5)).toBeCloseTo(0.5 * 5 * Math.SQRT2, 0);
});

test('the exposure differs from photograph to photograph, within its spread', () => {
  const levels = Array.from({ length: 20 }, (_, seed) => photograph(0.5, { exposureSpread: 0.1 }, seed)[0]);
  expect(Math.min(...levels)).toBeGreaterThanOrEqual(114);
  expect(Math.max(...levels)).toBeLessThanOrEqual(141);
  expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(10);
});

test('where nothing is, nothing is recorded, not even noise', () => {
  expect(photograph(0, { readNoise: 5 }).some((value) => value !== 0)).toBe(false);
});
