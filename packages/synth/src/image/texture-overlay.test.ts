import { ArgumentError, ShapeError } from '@anomclip/core';
import { createImage, createMask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { discImage, expectExactMask, expectSeeded, noiseImage, smallImages } from './images.fixture.js';
import { overlayTexture } from './texture-overlay.js';

const sources = ['folder', 'structural', 'procedural', 'auto'] as const;

test('every source keeps the image outside the mask, and the mask stays on the foreground', () => {
  const textures = [noiseImage(9, 30, createRng('texture'))];
  fc.assert(
    fc.property(smallImages, fc.constantFrom(...sources), ({ rng, image, object }, textureSource) => {
      const result = overlayTexture(image, rng, { textures, textureSource, foreground: object });
      expectExactMask(image, result);
      expect(result.ok).toBe(true);
      result.mask.data.forEach((set, pixel) => {
        if (set === 1) expect(object.data[pixel]).toBe(1);
      });
    }),
    { seed: 2, numRuns: 60 },
  );
});

test.each(sources.slice(0, 3))('the source %s gives the same bytes for the same stream', (textureSource) => {
  const { image } = discImage(48, 56, createRng(2));
  const textures = [noiseImage(20, 20, createRng(3)), noiseImage(64, 64, createRng(4))];
  expectSeeded(image, (rng) => overlayTexture(image, rng, { textures, textureSource }));
});

test("the texture's weight is in (0.2, 1] by DRAEM and in [0.15, 1) by CLIP-FSAC++", () => {
  const black = createImage(48, 48);
  const white = createImage(48, 48);
  white.data.fill(255);
  const textures = [noiseImage(8, 8, createRng('texture'))];
  for (const [blend, low] of [
    ['draem', 0.2],
    ['fsac', 0.15],
  ] as const) {
    const weights = Array.from({ length: 80 }, (_, seed) => {
      const [onBlack, onWhite] = [black, white].map((image) =>
        overlayTexture(image, createRng(seed), { textures, blend }),
      );
      expect(onBlack.mask.data).toEqual(onWhite.mask.data);
      const marked = 3 * onBlack.mask.data.indexOf(1);
      return 1 - (onWhite.image.data[marked] - onBlack.image.data[marked]) / 255;
    });
    const [least, most] = [Math.min(...weights), Math.max(...weights)];
    expect(least).toBeGreaterThan(low - 0.004); // two roundings
    expect(least).toBeLessThan(low + 0.08);
    expect(most).toBeGreaterThan(0.94);
  }
});

test('the structural source has the colours of the normal image, in other places', () => {
  const { image, object } = discImage(64, 64, createRng(5));
  const result = overlayTexture(image, createRng(6), { foreground: object });
  let changed = 0;
  result.mask.data.forEach((set, pixel) => {
    if (set === 1 && image.data[3 * pixel] !== result.image.data[3 * pixel]) changed++;
  });
  const marked = result.mask.data.reduce((sum, value) => sum + value, 0);
  expect(changed / marked).toBeGreaterThan(0.7);
});

test('noAnomalyProbability 1 returns the image and an empty mask; rotateNormalProbability 1 turns it first', () => {
  const { image } = discImage(40, 30, createRng(7));
  const plain = overlayTexture(image, createRng(8), { noAnomalyProbability: 1 });
  expect(plain.ok).toBe(false);
  expect(plain.mask.data).not.toContain(1);
  expect(plain.image.data).toEqual(image.data);
  const turned = overlayTexture(image, createRng(8), { noAnomalyProbability: 1, rotateNormalProbability: 1 });
  expect(turned.image.data).not.toEqual(image.data);
  expect(turned.image.get(20, 15, 0)).toBeGreaterThan(100);
});

test('an empty foreground gives the unchanged image and says so', () => {
  const { image } = discImage(30, 30, createRng(9));
  const result = overlayTexture(image, createRng(9), { foreground: createMask(30, 30) });
  expect(result.ok).toBe(false);
  expectExactMask(image, result);
});

test('empty images and textures, masks of another size and unknown options are refused', () => {
  const rng = createRng(1);
  const image = createImage(16, 16);
  expect(() => overlayTexture(createImage(0, 4), rng)).toThrow(ShapeError);
  expect(() => overlayTexture(image, rng, { foreground: createMask(4, 4) })).toThrow(ShapeError);
  expect(() => overlayTexture(image, rng, { textures: [createImage(0, 0)] })).toThrow(ShapeError);
  expect(() => overlayTexture(image, rng, { textureSource: 'folder' })).toThrow(
    'overlayTexture: expected textures for the source \'folder\', got "none"; pass images as textures',
  );
  expect(() => overlayTexture(image, rng, { noAnomalyProbability: 2 })).toThrow(ArgumentError);
  expect(() => overlayTexture(image, rng, { brightnessSpaces: [] })).toThrow(ArgumentError);
  expect(overlayTexture(createImage(1, 1), rng).mask.shape).toEqual([1, 1]);
});
