import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous, createImage, createMask, type Image } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { readGolden } from '../../../core/src/testing/arrays.fixture.js';
import { hasShared } from '../../../core/src/testing/golden.fixture.js';
import { poissonBlend } from './poisson-blend.js';

/** The same value in all three channels. */
function grey(height: number, width: number, value: (row: number, column: number) => number): Image {
  const image = createImage(height, width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) for (let c = 0; c < 3; c++) image.set(i, j, c, value(i, j));
  }
  return image;
}

function ones(height: number, width: number) {
  const mask = createMask(height, width);
  mask.data.fill(1);
  return mask;
}

// The mask's outermost pixels do not count, so a region of 12 × 12 needs a patch of 14 × 14 around it.
const ramp = grey(14, 14, (_, column) => 100 + 2 * (column - 1));
const row = (image: Image) => Array.from({ length: 12 }, (_, j) => image.get(6, j + 1, 0));
const truncated = (values: number[]) => values.map(Math.floor);

describe('the check vectors of the specification', () => {
  test('S = 10·row', () => {
    const blended = poissonBlend(
      ramp,
      grey(14, 14, (i) => 10 * Math.max(0, i - 1)),
      ones(14, 14),
    );
    expect(row(blended)).toEqual(
      truncated([
        100, 101.793439, 103.57007, 105.434315, 105.780595, 106.650087, 107.97513, 109.693337, 111.750224,
        114.00916, 118.087309, 122,
      ]),
    );
    const column = Array.from({ length: 12 }, (_, i) => blended.get(i + 1, 6, 0));
    expect(column).toEqual(
      truncated([
        110, 106.508253, 102.695656, 98.227194, 102.819753, 106.650087, 110.02487, 113.256044, 116.647647,
        120.500206, 115.038906, 110,
      ]),
    );
  });

  test.each([
    [
      'normal',
      [100, 101.5247, 101.0582, 91.784, 90.334, 91.0797, 91.9012, 93.6441, 97.5559, 110.9672, 117.4925, 122],
    ],
    [
      'mixed',
      [100, 100.8054, 100.0615, 91.6053, 91.7444, 91.4823, 92.2915, 91.8472, 97.758, 111.8887, 118.1425, 122],
    ],
  ] as const)('S = 10·((row·column) mod 5), %s', (mode, expected) => {
    const source = grey(14, 14, (i, j) => 10 * ((Math.max(0, i - 1) * Math.max(0, j - 1)) % 5));
    expect(row(poissonBlend(ramp, source, ones(14, 14), { mode }))).toEqual(truncated([...expected]));
  });
});

describe.skipIf(!hasShared)(
  `OpenCV's seamlessClone${hasShared ? '' : ' (skipped: ../shared is absent)'}`,
  () => {
    test.each(['normal', 'mixed'] as const)('in %s mode is met within 1.5 grey levels on average', (mode) => {
      const golden = readGolden('poisson');
      const [destination, source, mask] = ['input.dst', 'input.src', 'input.mask'].map(
        (name) => ndarray(Uint8Array.from(contiguous(golden(name))), golden(name).shape) as Image,
      );
      const expected = golden(`seamless_${mode}`);
      const blended = poissonBlend(destination, source, mask, { mode, ...cornerOf(mask, 33, 28) });
      const [actual, wanted] = [contiguous(blended), contiguous(expected)];
      expect(blended.shape).toEqual(expected.shape);
      const errors = Array.from(actual, (value, i) => Math.abs(value - wanted[i]));
      expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(1.5);
      // Far stricter than asked: only where float32 rounds to the other side.
      expect(errors.filter((error) => error > 0).length / errors.length).toBeLessThan(0.01);
      expect(Math.max(...errors)).toBeLessThanOrEqual(1);
    });
  },
);

/** OpenCV centres the bounding box of the mask on a point. */
function cornerOf(mask: ReturnType<typeof createMask>, x: number, y: number) {
  const [height, width] = mask.shape;
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let i = 1; i < height - 1; i++) {
    for (let j = 1; j < width - 1; j++) {
      if (mask.get(i, j) === 0) continue;
      [top, bottom] = [Math.min(top, i), Math.max(bottom, i)];
      [left, right] = [Math.min(left, j), Math.max(right, j)];
    }
  }
  return { row: y - ((bottom - top + 1) >> 1) - top, column: x - ((right - left + 1) >> 1) - left };
}

const images = fc.record({
  seed: fc.integer(),
  height: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 1, max: 40 }),
  mode: fc.constantFrom('normal' as const, 'mixed' as const),
});

test('a source that equals the destination but for a constant changes nothing, bit for bit', () => {
  fc.assert(
    fc.property(images, fc.integer({ min: 0, max: 50 }), ({ seed, height, width, mode }, constant) => {
      const rng = createRng(seed);
      const destination = createImage(height, width);
      for (let i = 0; i < destination.data.length; i++) destination.data[i] = rng.integer(0, 200);
      const source = ndarray(
        destination.data.map((value) => value + constant),
        destination.shape,
      );
      const blended = poissonBlend(destination, source, ones(height, width), { mode });
      expect(contiguous(blended)).toEqual(destination.data);
    }),
    { seed: 7 },
  );
});

test('outside the bounding box of any mask all pixels keep their bits, and the arguments stay as they are', () => {
  fc.assert(
    fc.property(images, ({ seed, height, width, mode }) => {
      const rng = createRng(seed);
      const random = (h: number, w: number) => {
        const image = createImage(h, w);
        for (let i = 0; i < image.data.length; i++) image.data[i] = rng.integer(0, 256);
        return image;
      };
      const destination = random(height + 3, width + 2);
      const before = destination.data.slice();
      const mask = createMask(height, width);
      for (let i = 0; i < mask.data.length; i++) mask.data[i] = Number(rng.boolean(0.97));
      const blended = poissonBlend(destination, random(height, width), mask, { row: 2, column: 1, mode });
      expect(destination.data).toEqual(before);
      for (let i = 0; i < height + 3; i++) {
        for (let j = 0; j < width + 2; j++) {
          if (i > 3 && i < height && j > 2 && j < width - 1) continue;
          for (let c = 0; c < 3; c++) expect(blended.get(i, j, c)).toBe(destination.get(i, j, c));
        }
      }
    }),
    { seed: 8, numRuns: 60 },
  );
});

test('a seam vanishes: a bright textured patch takes the level of a dark destination', () => {
  const destination = grey(64, 64, () => 60);
  const source = grey(40, 40, (i, j) => 180 + (((i >> 2) + (j >> 2)) & 1) * 20);
  const blended = poissonBlend(destination, source, ones(40, 40), { row: 12, column: 12 });
  let [sum, contrast] = [0, 0];
  for (let i = 16; i < 48; i++) {
    for (let j = 16; j < 48; j++) {
      sum += blended.get(i, j, 0) / 1024;
      contrast = Math.max(contrast, Math.abs(blended.get(i, j, 0) - blended.get(i, j - 1, 0)));
    }
  }
  expect(Math.abs(sum - 60)).toBeLessThan(12); // pasted it would be 190
  expect(contrast).toBeGreaterThanOrEqual(18); // and the texture is kept
});

test('sourceWeight 0 keeps the destination, and one half keeps half of the change', () => {
  const destination = grey(30, 30, () => 100);
  const source = grey(30, 30, (i, j) => ((i * j) % 7) * 8);
  const blend = (sourceWeight: number) => poissonBlend(destination, source, ones(30, 30), { sourceWeight });
  expect(contiguous(blend(0))).toEqual(destination.data);
  const [half, full] = [contiguous(blend(0.5)), contiguous(blend(1))];
  for (let i = 0; i < full.length; i++)
    expect(Math.abs(half[i] - 100 - (full[i] - 100) / 2)).toBeLessThanOrEqual(1.5);
});

test('empty images, masks of another size and patches larger than the image are refused', () => {
  const [image, patch] = [createImage(20, 20), createImage(8, 9)];
  expect(() => poissonBlend(createImage(0, 5), patch, createMask(8, 9))).toThrow(ShapeError);
  expect(() => poissonBlend(image, patch, createMask(9, 8))).toThrow(ShapeError);
  expect(() => poissonBlend(patch, image, createMask(20, 20))).toThrow(
    'poissonBlend: expected a source inside the destination of 8 × 9, got "20 × 20 at row 0, column 0"; crop or resize',
  );
  expect(() => poissonBlend(image, patch, createMask(8, 9), { row: 13 })).toThrow(ArgumentError);
  expect(() => poissonBlend(image, patch, createMask(8, 9), { column: Number.NaN })).toThrow(ArgumentError);
  expect(() => poissonBlend(image, patch, createMask(8, 9), { sourceWeight: 2 })).toThrow(ArgumentError);
});
