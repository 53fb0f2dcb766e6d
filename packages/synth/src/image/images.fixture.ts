import { contiguous, createImage, createMask, type Image, type Mask } from '@anomclip/core/image';
import { createRng, type Rng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { SyntheticImage } from './synthetic-image.js';

/** Independent random values. */
export function noiseImage(height: number, width: number, rng: Rng, below = 256): Image {
  const image = createImage(height, width);
  for (let i = 0; i < image.data.length; i++) image.data[i] = rng.integer(0, below);
  return image;
}

/** A bright textured disc on a dark ground, with its mask. */
export function discImage(height: number, width: number, rng: Rng): { image: Image; object: Mask } {
  const image = createImage(height, width);
  const object = createMask(height, width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const x = (2 * j - width) / width;
      const y = (2 * i - height) / height;
      const inside = x * x + y * y < 0.5;
      object.set(i, j, Number(inside));
      const level = inside ? 120 + 40 * (((i >> 2) ^ (j >> 3)) & 1) : 10;
      for (let c = 0; c < 3; c++) image.set(i, j, c, level + 10 * c + rng.integer(0, 9));
    }
  }
  return { image, object };
}

export const smallImages = fc
  .record({
    seed: fc.integer(),
    height: fc.integer({ min: 12, max: 70 }),
    width: fc.integer({ min: 12, max: 70 }),
  })
  .map(({ seed, height, width }) => {
    const rng = createRng(seed);
    return { rng, ...discImage(height, width, rng.fork('image')) };
  });

/** Pixels outside the mask have the bits of the normal image; a mask of `ok` is not empty, another one is. */
export function expectExactMask(normal: Image, { image, mask, ok }: SyntheticImage): void {
  expect(image.shape).toEqual(normal.shape);
  expect(mask.shape).toEqual(normal.shape.slice(0, 2));
  const [before, after, set] = [contiguous(normal), contiguous(image), contiguous(mask)];
  expect(set.every((value) => value === 0 || value === 1)).toBe(true);
  expect(set.includes(1)).toBe(ok);
  const strays = before.filter((value, i) => set[Math.floor(i / 3)] === 0 && value !== after[i]);
  expect(strays).toHaveLength(0);
}

/** The same rng gives the same bytes however much was drawn from its parent, and another fork gives others. */
export function expectSeeded(image: Image, make: (rng: Rng) => SyntheticImage): void {
  const before = contiguous(image).slice();
  const root = createRng('seeded');
  const first = make(root.fork('synth', 'part', 1));
  root.normal();
  const again = make(root.fork('synth', 'part', 1));
  const other = make(root.fork('synth', 'part', 2));
  expect(again.image.data).toEqual(first.image.data);
  expect(again.mask.data).toEqual(first.mask.data);
  expect(other.image.data).not.toEqual(first.image.data);
  expect(contiguous(image), 'the argument is borrowed').toEqual(before);
}
