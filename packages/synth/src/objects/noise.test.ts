import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { createNoise, createSpots, fractal } from './noise.js';

const places = (count: number) => {
  const rng = createRng('places');
  return Array.from({ length: count }, () => [rng.uniform(-300, 300), rng.uniform(-300, 300)] as const);
};

test('noise is zero at whole numbers, stays in [−1, 1] and uses that range', () => {
  const noise = createNoise(createRng(1));
  for (let i = -5; i < 5; i++) expect(noise(i, 3 - 2 * i)).toBeCloseTo(0, 12);
  const values = places(20_000).map(([x, y]) => noise(x, y));
  expect(Math.max(...values)).toBeLessThanOrEqual(1);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...values)).toBeGreaterThan(0.7);
  expect(Math.min(...values)).toBeLessThan(-0.7);
});

test('noise is continuous across the borders of its cells and repeats after 256 units', () => {
  const noise = createNoise(createRng(2));
  for (const [x, y] of places(200)) {
    const border = Math.round(x);
    expect(noise(border - 1e-9, y)).toBeCloseTo(noise(border + 1e-9, y), 6);
    expect(noise(y, border - 1e-9)).toBeCloseTo(noise(y, border + 1e-9), 6);
    expect(noise(x + 256, y - 256)).toBeCloseTo(noise(x, y), 9);
  }
});

test('another seed gives other noise, the same seed the same', () => {
  const [a, b, c] = [createNoise(createRng(3)), createNoise(createRng(3)), createNoise(createRng(4))];
  expect(a(1.3, 2.7)).toBe(b(1.3, 2.7));
  expect(a(1.3, 2.7)).not.toBe(c(1.3, 2.7));
});

test('one octave of fractal noise is the noise itself, and more octaves stay in [−1, 1]', () => {
  const noise = createNoise(createRng(5));
  expect(fractal(noise, 1)(0.3, 0.8)).toBe(noise(0.3, 0.8));
  const rough = fractal(noise, 4);
  for (const [x, y] of places(2000)) expect(Math.abs(rough(x, y))).toBeLessThanOrEqual(1);
});

test('spots are in [0, 1], occupy the given share of the cells and end inside their cell', () => {
  const spots = createSpots(createRng(6), 0.25);
  let occupied = 0;
  const cells = 40;
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      let peak = 0;
      for (let a = 0; a < 10; a++) {
        for (let b = 0; b < 10; b++) peak = Math.max(peak, spots(i + (a + 0.5) / 10, j + (b + 0.5) / 10));
      }
      expect(peak).toBeLessThanOrEqual(1);
      if (peak > 0) occupied++;
      expect(spots(i, j + 0.37)).toBe(0);
    }
  }
  expect(occupied / cells ** 2).toBeCloseTo(0.25, 1);
});
