import fc from 'fast-check';
import ndarray, { type NdArray } from 'ndarray';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../errors.js';
import { createRng } from '../random/index.js';
import { largestDifference, readGolden } from '../testing/arrays.fixture.js';
import { hasShared } from '../testing/golden.fixture.js';
import { type ResizeOptions, resizeImage } from './resize.js';

const filters = ['bicubic', 'bilinear', 'nearest'] as const;

function randomImage(seed: number, ...shape: number[]): NdArray<Uint8Array> {
  const rng = createRng(seed);
  const size = shape.reduce((product, side) => product * side, 1);
  return ndarray(
    Uint8Array.from({ length: size }, () => rng.integer(0, 256)),
    shape,
  );
}

/** The definition in real numbers, without separation into passes or fixed point (BTF supplement 4.2). */
function resizeByDefinition(
  image: NdArray<Uint8Array>,
  height: number,
  width: number,
  filter: 'bicubic' | 'bilinear',
) {
  const support = filter === 'bicubic' ? 2 : 1;
  const kernel = (x: number): number => {
    const d = Math.abs(x);
    if (filter === 'bilinear') return Math.max(0, 1 - d);
    if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
    return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  const weights = (from: number, to: number, i: number): number[] => {
    const scale = from / to;
    const stretch = Math.max(scale, 1);
    const raw = Array.from({ length: from }, (_, j) => kernel((j + 0.5 - (i + 0.5) * scale) / stretch));
    const reach = support * stretch;
    const [low, high] = [-reach, reach].map((side) => Math.floor((i + 0.5) * scale + side + 0.5));
    const inside = raw.map((weight, j) => (j >= low && j < high ? weight : 0));
    const total = inside.reduce((sum, weight) => sum + weight, 0);
    return inside.map((weight) => weight / total);
  };
  const [sourceHeight, sourceWidth] = image.shape;
  const result: number[] = [];
  for (let y = 0; y < height; y++) {
    const rows = weights(sourceHeight, height, y);
    for (let x = 0; x < width; x++) {
      const columns = weights(sourceWidth, width, x);
      let sum = 0;
      for (let j = 0; j < sourceHeight; j++) {
        let line = 0;
        for (let i = 0; i < sourceWidth; i++) line += columns[i] * image.get(j, i);
        sum += rows[j] * Math.min(255, Math.max(0, line)); // clamped between the passes
      }
      result.push(Math.min(255, Math.max(0, sum)));
    }
  }
  return result;
}

describe.skipIf(!hasShared)('golden files (skipped where ../shared is absent)', () => {
  test.each(['bicubic', 'bilinear'] as const)('%s is Pillow’s, byte for byte', (filter) => {
    const golden = readGolden('image-ops');
    const image = golden('input.rgb_hwc') as NdArray<Uint8Array>;
    for (const [height, width] of [
      [64, 64],
      [240, 240],
      [200, 48],
    ]) {
      const expected = golden(`pil_${filter}_${height}x${width}`);
      const resized = resizeImage(image, height, width, { filter });
      expect(resized.shape).toEqual(expected.shape);
      expect(largestDifference(resized.data, expected.data)).toBe(0);
    }
  });
});

test.each(['bicubic', 'bilinear'] as const)(
  '%s stays within rounding of its definition, up and down',
  (filter) => {
    const image = randomImage(1, 7, 11);
    for (const [height, width] of [
      [3, 5],
      [19, 30],
      [20, 2],
      [7, 4],
      [1, 1],
    ]) {
      const resized = resizeImage(image, height, width, { filter });
      expect(largestDifference(resized.data, resizeByDefinition(image, height, width, filter))).toBeLessThan(
        1.3,
      );
    }
  },
);

test('halving by bilinear weighs four pixels 1, 3, 3, 1, and fewer at the border', () => {
  const image = ndarray(Uint8Array.of(0, 80, 160, 240), [1, 4]);
  // Output 0: pixels 0, 1, 2 at weights 3, 3, 1 of 7; output 1 the same from the other end.
  const expected = [Math.round((3 * 80 + 160) / 7), Math.round((80 + 3 * 160 + 3 * 240) / 7)];
  expect([...resizeImage(image, 1, 2, { filter: 'bilinear' }).data]).toEqual(expected);
});

test('bicubic overshoots beside an edge and is clamped to 0…255', () => {
  const edge = ndarray(Uint8Array.of(0, 0, 255, 255), [1, 4]);
  const resized = [...resizeImage(edge, 1, 8).data];
  expect(resized[0]).toBe(0);
  expect(resized[7]).toBe(255);
  const grey = ndarray(Uint8Array.of(50, 50, 200, 200), [1, 4]);
  expect(Math.min(...resizeImage(grey, 1, 8).data)).toBeLessThan(50);
  expect(Math.max(...resizeImage(grey, 1, 8).data)).toBeGreaterThan(200);
});

test('nearest takes the pixel under the centre of each new pixel', () => {
  const image = ndarray(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  expect([...resizeImage(image, 4, 3, { filter: 'nearest' }).data]).toEqual([
    1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6,
  ]);
  expect([...resizeImage(image, 1, 1, { filter: 'nearest' }).data]).toEqual([5]);
  expect([...resizeImage(image, 2, 2, { filter: 'nearest' }).data]).toEqual([1, 3, 4, 6]);
});

describe.each(filters)('%s', (filter) => {
  const options: ResizeOptions = { filter };

  test('at the same size copies', () => {
    const image = randomImage(2, 5, 4, 3);
    const copy = resizeImage(image, 5, 4, options);
    expect(copy.data).toEqual(image.data);
    expect(copy.data).not.toBe(image.data);
    const buffer = Buffer.from(image.data);
    resizeImage(ndarray(buffer, [5, 4, 3]), 5, 4, options).data.fill(0);
    expect([...buffer]).toEqual([...image.data]);
  });

  test('keeps a constant image constant', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.tuple(...[40, 40, 90, 90].map((max) => fc.integer({ min: 1, max }))),
        (value, [height, width, newHeight, newWidth]) => {
          const image = ndarray(new Uint8Array(height * width).fill(value), [height, width]);
          const resized = resizeImage(image, newHeight, newWidth, options);
          expect(resized.data.every((pixel) => pixel === value)).toBe(true);
        },
      ),
      { seed: 23, numRuns: 60 },
    );
  });

  test('treats each channel as a grey image of its own', () => {
    const image = randomImage(3, 9, 6, 3);
    const resized = resizeImage(image, 5, 13, options);
    for (const channel of [0, 1, 2]) {
      const alone = resizeImage(image.pick(null, null, channel), 5, 13, options);
      expect(largestDifference(alone.data, channelOf(resized, channel))).toBe(0);
    }
  });

  test('accepts any number of channels', () => {
    const image = randomImage(4, 6, 6, 4);
    const first = resizeImage(image.hi(6, 6, 3), 4, 9, options);
    const all = resizeImage(image, 4, 9, options);
    expect(channelOf(all, 1)).toEqual(channelOf(first, 1));
  });

  test('reads transposed, cropped and stepped views', () => {
    const image = randomImage(5, 12, 10, 3);
    const view = image.lo(1, 2, 0).hi(10, 8, 3).step(2, -1, 1).transpose(1, 0, 2);
    const copy = ndarray(new Uint8Array(view.size), view.shape);
    for (let y = 0; y < view.shape[0]; y++) {
      for (let x = 0; x < view.shape[1]; x++) {
        for (let channel = 0; channel < 3; channel++) copy.set(y, x, channel, view.get(y, x, channel));
      }
    }
    expect(resizeImage(view, 7, 9, options).data).toEqual(resizeImage(copy, 7, 9, options).data);
  });
});

function channelOf(image: NdArray<Uint8Array>, channel: number): Uint8Array {
  return image.data.filter((_, i) => i % image.shape[2] === channel);
}

test('other ranks, empty images, sizes and filters are refused', () => {
  const image = randomImage(6, 4, 4, 3);
  expect(() => resizeImage(ndarray(new Uint8Array(4), [4]), 2, 2)).toThrow(ShapeError);
  expect(() => resizeImage(image.hi(0, 4, 3), 2, 2)).toThrow(
    'resizeImage: expected [H, W, C] or [H, W] with at least',
  );
  expect(() => resizeImage(image, 0, 2)).toThrow(ArgumentError);
  expect(() => resizeImage(image, 2, 2.5)).toThrow('got "2 × 2.5"');
  expect(() => resizeImage(image, 2, 2, { filter: 'lanczos' as 'bicubic' })).toThrow(ArgumentError);
});
