import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { blurMap } from './blur.js';

function map(height: number, width: number, value: (i: number) => number) {
  return ndarray(
    Float32Array.from({ length: height * width }, (_, i) => value(i)),
    [height, width],
  );
}

/** Per axis, distance 0 to 12 from an impulse. */
const impulseResponse = [
  0.094238, 0.092191, 0.086048, 0.07581, 0.062327, 0.048015, 0.035089, 0.024211, 0.015381, 0.008598, 0.003863,
  0.001176, 0.000171,
];

test('the float blur spreads an impulse as the specification says, along both axes', () => {
  const blurred = blurMap(
    map(41, 51, (i) => (i === 20 * 51 + 25 ? 1 : 0)),
    'float',
  );
  impulseResponse.forEach((weight, distance) => {
    expect(blurred.get(20, 25 + distance) / impulseResponse[0]).toBeCloseTo(weight, 5);
    expect(blurred.get(20 - distance, 25) / impulseResponse[0]).toBeCloseTo(weight, 5);
    expect(blurred.get(20 + distance, 25 - distance)).toBeCloseTo(weight ** 2, 6);
  });
  expect(blurred.get(20, 25 + 13)).toBe(0);
  expect(blurred.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
});

test('the 8-bit blur is the float blur up to its rounding', () => {
  const rng = createRng(3);
  const noise = map(40, 30, () => rng.uniform(0, 7));
  const [exact, rounded] = [blurMap(noise, 'float'), blurMap(noise, 'pillow8')];
  const step = Math.max(...noise.data) / 255;
  exact.data.forEach((value, i) => {
    // The truncation takes half a step on average and a whole one at most.
    expect(rounded.data[i] - value).toBeLessThan(step);
    expect(rounded.data[i] - value).toBeGreaterThan(-2 * step);
  });
});

test('the 8-bit blur truncates: just below a level is the level below', () => {
  // All of the map at 254.9 steps of the maximum but for one far corner, where the maximum itself stands.
  const steps = map(60, 60, (i) => (i === 0 ? 255 : 254.9));
  expect(blurMap(steps, 'pillow8').get(59, 59)).toBe(254);
});

test('a constant map stays constant, and a map of zeros zero', () => {
  for (const blur of ['pillow8', 'float', 'none'] as const) {
    for (const value of blurMap(
      map(9, 5, () => 0.7),
      blur,
    ).data)
      expect(value).toBeCloseTo(0.7, 6);
    expect(
      blurMap(
        map(9, 5, () => 0),
        blur,
      ).data.every((value) => value === 0),
    ).toBe(true);
  }
});

test('no blur is a copy', () => {
  const source = map(2, 2, (i) => i);
  const copy = blurMap(source, 'none');
  expect([...copy.data]).toEqual([0, 1, 2, 3]);
  copy.set(0, 0, 9);
  expect(source.get(0, 0)).toBe(0);
});
