import { ArgumentError, ShapeError } from '@anomclip/core';
import { createImage, type Mask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { brightnessForeground, contrastForeground, thresholdForeground } from './foreground-from-rgb.js';
import { discImage } from './images.fixture.js';

const count = (mask: Mask) => mask.data.reduce((sum, value) => sum + value, 0);

test('brightness extremes leave the disc, shrunk by 9 pixels', () => {
  const { image, object } = discImage(120, 140, createRng(1));
  const mask = brightnessForeground(image);
  expect(mask.get(60, 70)).toBe(1);
  for (let pixel = 0; pixel < mask.data.length; pixel++) {
    if (mask.data[pixel] === 1) expect(object.data[pixel]).toBe(1);
  }
  const radius = (share: number) => Math.sqrt((share * 120 * 140) / Math.PI);
  const shrunk = radius(count(object) / object.data.length) - radius(count(mask) / mask.data.length);
  expect(shrunk).toBeGreaterThan(8);
  expect(shrunk).toBeLessThan(13); // the square reaches farther along the diagonals
});

test('219 and 221 are on either side of the bright limit, 29 and 31 of the dark one', () => {
  const at = (level: number) => {
    const image = createImage(20, 20);
    image.data.fill(level);
    return count(brightnessForeground(image));
  };
  expect([29, 30, 31, 219, 220, 221].map(at)).toEqual([0, 400, 400, 400, 400, 0]);
});

test('a class is brighter or darker than its threshold; unknown classes and textures are all foreground', () => {
  const image = createImage(1, 3);
  image.data.set([40, 40, 40, 100, 100, 100, 160, 160, 160]);
  expect([...thresholdForeground(image, 'hazelnut').data]).toEqual([0, 1, 1]);
  expect([...thresholdForeground(image, 'cable').data]).toEqual([0, 0, 1]);
  expect([...thresholdForeground(image, 'zipper').data]).toEqual([1, 1, 0]);
  expect([...thresholdForeground(image, 'transistor').data]).toEqual([1, 0, 0]);
  for (const name of ['leather', 'teapot', 'toString']) {
    expect([...thresholdForeground(image, name).data]).toEqual([1, 1, 1]);
  }
});

test('an object is far from every brightness of the background', () => {
  const { image, object } = discImage(60, 60, createRng(2));
  const mask = contrastForeground(image, [{ brightness: 20, threshold: 20 }]);
  const differing = mask.data.filter((value, pixel) => value !== object.data[pixel]).length;
  expect(differing / object.data.length).toBeLessThan(0.02);
  const none = contrastForeground(image, [
    { brightness: 20, threshold: 20 },
    { brightness: 150, threshold: 60 },
  ]);
  expect(count(none)).toBe(0);
});

test('empty images and backgrounds that are not finite are refused', () => {
  expect(() => brightnessForeground(createImage(0, 3))).toThrow(ShapeError);
  expect(() => thresholdForeground(createImage(3, 0), 'pill')).toThrow(ShapeError);
  expect(() => contrastForeground(createImage(3, 3), [{ brightness: Number.NaN, threshold: 1 }])).toThrow(
    ArgumentError,
  );
});
