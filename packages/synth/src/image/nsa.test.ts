import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous, createImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contrastForeground } from './foreground-from-rgb.js';
import { discImage, expectExactMask, expectSeeded, noiseImage, smallImages } from './images.fixture.js';
import { type NsaOptions, nsa } from './nsa.js';
import { nsaSettings } from './nsa-settings.js';

const modes = ['normal', 'mixed', 'mix', 'swap', 'uniform'] as const;

test('in every mode the mask holds exactly the pixels that differ', () => {
  const options = fc.record({
    mode: fc.constantFrom(...modes),
    shift: fc.boolean(),
    numEllipses: fc.constantFrom(0, 3),
    gammaParams: fc.constantFrom<NsaOptions['gammaParams']>(undefined, null),
    background: fc.constantFrom<NsaOptions['background']>(undefined, [{ brightness: 20, threshold: 20 }]),
    labelMode: fc.constantFrom('continuous' as const, 'binary' as const),
  });
  fc.assert(
    fc.property(smallImages, options, ({ rng, image }, chosen) => {
      const source = noiseImage(image.shape[0], image.shape[1], rng.fork('source'));
      const result = nsa(image, rng, { ...chosen, source });
      expectExactMask(image, result);
      result.mask.data.forEach((set, pixel) => {
        if (set === 0) return;
        const differs = [0, 1, 2].some((c) => image.data[3 * pixel + c] !== result.image.data[3 * pixel + c]);
        expect(differs).toBe(true);
      });
    }),
    { seed: 3, numRuns: 80 },
  );
});

test('the same stream gives the same bytes, another one others', () => {
  const { image } = discImage(64, 80, createRng(1));
  for (const mode of modes) expectSeeded(image, (rng) => nsa(image, rng, { mode }));
});

test('half sizes drawn from the gamma distribution have mean 0.130, and 0.5 % reach the upper bound', () => {
  const rng = createRng('half sizes');
  const n = 40_000;
  let [sum, atBound] = [0, 0];
  for (let i = 0; i < n; i++) {
    const half = Math.min(Math.max(0.03 + rng.gamma(2, 0.05), 0.03), 0.4);
    sum += half;
    if (half === 0.4) atBound++;
  }
  expect(Math.abs(sum / n - 0.13)).toBeLessThan(0.0015);
  expect(Math.abs(atBound / n - 0.005)).toBeLessThan(0.0015);
});

test('swapped patches have the sizes of that distribution', () => {
  // Unresized patches in the middle of the image: their area is four times the product of two half sizes.
  const [before, source] = [createImage(200, 200), createImage(200, 200)];
  source.data.fill(255);
  const root = createRng('areas');
  let sum = 0;
  const n = 150;
  for (let i = 0; i < n; i++) {
    const result = nsa(before, root.fork(i), { mode: 'swap', source, numPatches: 1, resize: false });
    sum += result.mask.data.reduce((a, b) => a + b, 0) / 40_000 / n;
  }
  // 4·0.13² = 0.068 less what the border cuts off (about a fifth along each axis).
  expect(sum).toBeGreaterThan(0.035);
  expect(sum).toBeLessThan(0.068);
});

test('with a background, patches change the object and leave the rest of the image', () => {
  const { image } = discImage(128, 128, createRng(2));
  const background = [{ brightness: 20, threshold: 20 }];
  const object = contrastForeground(image, background);
  const root = createRng('background');
  for (let i = 0; i < 10; i++) {
    const options = { ...nsaSettings('mvtec-ad', 'hazelnut'), mode: 'swap' as const, background };
    const result = nsa(image, root.fork(i), options);
    expect(result.ok).toBe(true);
    let onObject = 0;
    result.mask.data.forEach((set, pixel) => {
      onObject += set & object.data[pixel];
    });
    expect(onObject / result.mask.data.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.25);
  }
});

test('a continuous label is the weight of the source, between 0.05 and 0.95', () => {
  const [image, source] = [createImage(96, 96), createImage(96, 96)];
  source.data.fill(200);
  const weights = Array.from({ length: 20 }, (_, seed) => {
    const options = { mode: 'uniform', source, labelMode: 'continuous', numPatches: 1 } as const;
    const result = nsa(image, createRng(seed), options);
    const labels = contiguous(result.labels());
    const weight = Math.max(...labels);
    expect(Math.max(...result.image.data)).toBe(Math.floor(200 * weight));
    expect(labels.every((value) => value === 0 || value === Math.fround(weight))).toBe(true);
    return weight;
  });
  expect(Math.min(...weights)).toBeGreaterThan(0.05);
  expect(Math.max(...weights)).toBeLessThan(0.95);
  expect(new Set(weights).size).toBe(20);
});

test('labels: binary is where more than tol changed, intensity the change, logistic 1/(1 + exp(−k(x − x0)))', () => {
  const [image, source] = [createImage(96, 96), createImage(96, 96)];
  source.data.fill(30);
  const make = (labelMode: NsaOptions['labelMode'], more: NsaOptions = {}) =>
    nsa(image, createRng(5), { mode: 'swap', source, numPatches: 1, labelMode, ...more });
  const { mask } = make('binary');
  const values = (labelMode: NsaOptions['labelMode'], more: NsaOptions = {}) =>
    new Set(contiguous(make(labelMode, more).labels()).filter((value) => value !== 0));
  const binary = contiguous(make('binary').labels());
  // A median rounds the four corners of a rectangle off.
  expect(mask.data.filter((set, pixel) => set !== binary[pixel]).length).toBeLessThanOrEqual(12);
  expect(values('binary', { tol: 30 }).size).toBe(0);
  expect(values('intensity')).toEqual(new Set([30]));
  const logistic = values('logistic-intensity', { logisticParams: [1 / 3, 24] });
  expect(Math.max(...logistic)).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
});

test('labels do not follow what the caller does to the image', () => {
  const { image } = discImage(64, 64, createRng(6));
  const [first, second] = [nsa(image, createRng(6)), nsa(image, createRng(6))];
  second.image.data.fill(0);
  expect(contiguous(second.labels())).toEqual(contiguous(first.labels()));
});

test('an image of one colour cannot be changed by a patch of itself: unchanged, and it says so', () => {
  const flat = createImage(64, 64);
  flat.data.fill(90);
  const result = nsa(flat, createRng(1));
  expect(result.ok).toBe(false);
  expectExactMask(flat, result);
  expect(nsa(createImage(4, 4), createRng(1)).ok).toBe(false);
  expect(nsa(createImage(1, 1), createRng(1)).ok).toBe(false);
});

test('a resolution makes image and mask smaller, the shorter side having it', () => {
  const { image } = discImage(90, 120, createRng(7));
  const result = nsa(image, createRng(7), { resolution: 60 });
  expect(result.image.shape).toEqual([60, 80, 3]);
  expect(result.mask.shape).toEqual([60, 80]);
  expect(result.labels().shape).toEqual([60, 80]);
});

test("CutPaste's patches lie inside the image and cover 2 to 15 % of it", () => {
  const [image, source] = [createImage(200, 200), createImage(200, 200)];
  source.data.fill(255);
  for (let seed = 0; seed < 40; seed++) {
    const { mask } = nsa(image, createRng(seed), { cutpaste: true, mode: 'swap', source });
    const area = mask.data.reduce((a, b) => a + b, 0) / mask.data.length;
    expect(area).toBeGreaterThan(0.018);
    expect(area).toBeLessThan(0.156);
  }
});

test('empty images, sources of another size and options out of range are refused', () => {
  const rng = createRng(1);
  const image = createImage(32, 40);
  expect(() => nsa(createImage(0, 0), rng)).toThrow(ShapeError);
  expect(() => nsa(image, rng, { source: createImage(32, 32) })).toThrow(ShapeError);
  expect(() => nsa(image, rng, { cutpaste: true })).toThrow(ShapeError);
  for (const options of [
    { mode: 'blur' as 'swap' },
    { numPatches: 0 },
    { resizeBounds: [2, 1] as const },
    {
      widthBounds: [
        [0, 0.6],
        [0, 0.4],
      ] as const,
    },
    { gammaParams: [Number.NaN, 1, 0] as const },
    { tol: -1 },
    { minObjectPct: 1 },
    { resolution: 0 },
    { retries: Number.NaN },
  ]) {
    expect(() => nsa(image, rng, options)).toThrow(ArgumentError);
  }
});
