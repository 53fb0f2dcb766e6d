import { ArgumentError, ShapeError } from '@anomclip/core';
import { CLIP_MEAN, contiguous, createImage, createMask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { discImage, expectExactMask, expectSeeded, smallImages } from './images.fixture.js';
import { noisePatches, noisePatchSettings } from './noise-patches.js';

test('the image keeps its bits outside a mask that is never empty', () => {
  fc.assert(
    fc.property(smallImages, fc.boolean(), fc.boolean(), ({ rng, image, object }, square, onObject) => {
      const foreground = onObject ? object : undefined;
      const result = noisePatches(image, rng, { square, foreground, noise: square ? 'gaussian' : 'uniform' });
      expectExactMask(image, result);
      expect(result.ok).toBe(true);
    }),
    { seed: 1 },
  );
});

test('the same stream gives the same bytes, another one others', () => {
  const { image } = discImage(40, 50, createRng(1));
  expectSeeded(image, (rng) => noisePatches(image, rng));
});

test('a single square of a 1024 image is 50 to 202 pixels wide, and a rectangle has two sides', () => {
  const image = createImage(1024, 300);
  for (let seed = 0; seed < 30; seed++) {
    const { mask } = noisePatches(image, createRng(seed), { maxPatches: 1 });
    const [rows, columns] = extent(mask);
    expect(rows).toBe(columns);
    expect(rows).toBeGreaterThanOrEqual(50);
    expect(rows).toBeLessThanOrEqual(202);
  }
  const sides = Array.from({ length: 20 }, (_, seed) =>
    extent(noisePatches(image, createRng(seed), { maxPatches: 1, square: false }).mask),
  );
  expect(sides.some(([rows, columns]) => rows !== columns)).toBe(true);
});

function extent(mask: ReturnType<typeof createMask>): [rows: number, columns: number] {
  const [height, width] = mask.shape;
  const rows = Array.from({ length: height }, (_, i) => mask.pick(i, null)).filter((row) =>
    contiguous(row).includes(1),
  ).length;
  const columns = Array.from({ length: width }, (_, j) => mask.pick(null, j)).filter((column) =>
    contiguous(column).includes(1),
  ).length;
  return [rows, columns];
}

test('uniform noise holds 0 to 254; Gaussian noise has the mean of CLIP and ends at 0 and 255', () => {
  const image = createImage(200, 200);
  const values = (noise: 'uniform' | 'gaussian') => {
    const collected: number[][] = [[], [], []];
    for (let seed = 0; seed < 20; seed++) {
      const result = noisePatches(image, createRng(seed), { noise });
      result.mask.data.forEach((set, pixel) => {
        if (set === 1) for (let c = 0; c < 3; c++) collected[c].push(result.image.data[3 * pixel + c]);
      });
    }
    return collected;
  };
  const [uniform] = values('uniform');
  expect(uniform.reduce((a, b) => Math.max(a, b))).toBe(254);
  expect(uniform.reduce((a, b) => Math.min(a, b))).toBe(0);
  values('gaussian').forEach((channel, c) => {
    const mean = channel.reduce((sum, value) => sum + value, 0) / channel.length;
    expect(Math.abs(mean / 255 - CLIP_MEAN[c])).toBeLessThan(0.01); // clipping moves it by less
    expect(channel).toContain(0);
    expect(channel).toContain(255);
  });
});

test('centres lie on the foreground; without any, patches lie anywhere', () => {
  const image = createImage(100, 100);
  const foreground = createMask(100, 100);
  foreground.set(30, 70, 1);
  for (let seed = 0; seed < 10; seed++) {
    const options = { foreground, maxPatches: 1, maxTries: 100_000 };
    const { mask } = noisePatches(image, createRng(seed), options);
    expect(mask.get(30, 70)).toBe(1);
  }
  expect(noisePatches(image, createRng(1), { foreground: createMask(100, 100) }).mask.data).toContain(1);
});

test('settings of the classes are those of the table', () => {
  for (const name of ['bottle', 'zipper', 'macaroni2', 'pipe_fryum']) {
    expect(noisePatchSettings('paper', name).onForeground).toBe(true);
  }
  for (const name of ['carpet', 'cable', 'screw', 'pcb1', 'tubes', 'teapot', 'constructor']) {
    expect(noisePatchSettings('paper', name).onForeground).toBe(false);
  }
  expect(noisePatchSettings('paper', 'pill').options).toEqual({ noise: 'gaussian', square: true });
  expect(noisePatchSettings('reference-code', 'pill').options).toEqual({ noise: 'uniform', square: false });
});

test('images below 3 × 3, masks of another size and impossible counts are refused', () => {
  const rng = createRng(1);
  expect(() => noisePatches(createImage(0, 5), rng)).toThrow(ShapeError);
  expect(() => noisePatches(createImage(2, 5), rng)).toThrow(ShapeError);
  expect(() => noisePatches(createImage(9, 9), rng, { foreground: createMask(9, 8) })).toThrow(ShapeError);
  expect(() => noisePatches(createImage(9, 9), rng, { minPatches: 0 })).toThrow(ArgumentError);
  expect(() => noisePatches(createImage(9, 9), rng, { minPatches: 5 })).toThrow(ArgumentError);
  expect(() => noisePatches(createImage(9, 9), rng, { maxTries: Number.NaN })).toThrow(ArgumentError);
  expect(noisePatches(createImage(3, 3), rng).ok).toBe(true);
  expect(noisePatches(createImage(300, 3), rng).ok).toBe(true);
});
