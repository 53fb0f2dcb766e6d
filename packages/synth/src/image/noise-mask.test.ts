import { ArgumentError, ShapeError } from '@anomclip/core';
import { createMask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { noiseMask } from './noise-mask.js';

test('at 256 × 256 a draw marks 5.6 % of the pixels on average and nothing in 5 % of the cases', () => {
  const root = createRng('statistics');
  let [marked, empty] = [0, 0];
  const draws = 300;
  for (let i = 0; i < draws; i++) {
    const { mask, ok } = noiseMask(256, 256, root.fork(i), { redraws: 0 });
    expect(mask.data.includes(1)).toBe(ok);
    marked += mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length / draws;
    if (!ok) empty++;
  }
  expect(Math.abs(marked - 0.056)).toBeLessThan(0.009);
  expect(Math.abs(empty / draws - 0.05)).toBeLessThan(0.038); // three standard errors
});

test('a mask is never empty unless redrawing is forbidden or the foreground is', () => {
  const root = createRng('never empty');
  const foreground = createMask(64, 48);
  for (let i = 20; i < 40; i++) foreground.data.fill(1, 48 * i + 10, 48 * i + 30);
  for (let i = 0; i < 100; i++) {
    const { mask, noise, ok } = noiseMask(64, 48, root.fork(i), { foreground });
    expect(ok).toBe(true);
    expect(mask.data).toContain(1);
    mask.data.forEach((set, pixel) => {
      expect(set).toBe(Number(noise.data[pixel] > 0.5 && foreground.data[pixel] === 1));
    });
  }
  const nowhere = noiseMask(64, 48, root, { foreground: createMask(64, 48) });
  expect(nowhere.ok).toBe(false);
  expect(nowhere.mask.data).not.toContain(1);
});

test('without rotation the noise is that of the lattice, with it the corners can be empty', () => {
  const still = noiseMask(32, 32, createRng(3), { rotation: 0, exponents: [2, 3], redraws: 0 });
  for (let i = 0; i < 32; i += 8)
    for (let j = 0; j < 32; j += 8) expect(still.noise.get(i, j)).toBeCloseTo(0, 12);
  const turned = noiseMask(32, 32, createRng(3), { exponents: [2, 3], redraws: 0 });
  expect(turned.noise.data).not.toEqual(still.noise.data);
});

test("the threshold '3dsr' takes negative noise as well", () => {
  const { mask, noise } = noiseMask(128, 128, createRng(4), { threshold: '3dsr', exponents: [5, 6] });
  const signs = new Set(
    Array.from(mask.data.keys())
      .filter((p) => mask.data[p] === 1)
      .map((p) => Math.sign(noise.data[p])),
  );
  expect(signs).toEqual(new Set([1, -1]));
  const lowest = Array.from(noise.data, Math.abs).filter((_, pixel) => mask.data[pixel] === 1);
  expect(Math.min(...lowest)).toBeGreaterThan(0.4);
});

test('foregrounds of another size and options out of range are refused', () => {
  const rng = createRng(1);
  expect(() => noiseMask(8, 8, rng, { foreground: createMask(8, 9) })).toThrow(ShapeError);
  expect(() => noiseMask(0, 8, rng)).toThrow(ArgumentError);
  expect(() => noiseMask(8, 8, rng, { exponents: [3, 3] })).toThrow(ArgumentError);
  expect(() => noiseMask(8, 8, rng, { threshold: Number.NaN })).toThrow(ArgumentError);
  expect(() => noiseMask(8, 8, rng, { rotation: -1 })).toThrow(ArgumentError);
  expect(() => noiseMask(8, 8, rng, { redraws: 0.5 })).toThrow(ArgumentError);
});

test('a reversed mask is everything but the blobs, background included', () => {
  const foreground = createMask(64, 48);
  for (let i = 20; i < 40; i++) foreground.data.fill(1, 48 * i + 10, 48 * i + 30);
  const [forward, reversed] = [false, true].map((reverse) =>
    noiseMask(64, 48, createRng('reversed'), { foreground, reverse }),
  );
  expect(reversed.mask.data.map((value) => 1 - value)).toEqual(forward.mask.data);
  expect(reversed.ok).toBe(true);
});
