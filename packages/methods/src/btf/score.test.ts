import { expect, test } from 'vitest';
import { golden, hasShared } from '../testing/shared.js';
import { distanceMap } from './score.js';

test.skipIf(!hasShared)('resizes and blurs the golden distances (skipped without ../shared)', () => {
  const distances = Float64Array.from(golden('memory-bank', 'min_distances').data);
  const resized = golden('memory-bank', 'map_resized_64');
  const blurred = golden('memory-bank', 'map_blurred_64');
  const side = Math.sqrt(distances.length);
  const size = blurred.shape[blurred.shape.length - 1];

  const plain = distanceMap(distances, side, size, 'none');
  expect(plain.shape).toEqual([size, size]);
  plain.data.forEach((value, i) => {
    expect(Math.abs(value - resized.data[i])).toBeLessThan(1e-5);
  });
  const tolerance = (2 / 255) * resized.data.reduce((a, b) => Math.max(a, b));
  distanceMap(distances, side, size, 'pillow8').data.forEach((value, i) => {
    expect(Math.abs(value - blurred.data[i])).toBeLessThan(tolerance);
  });
});

test('a row of 28 patches becomes 224 pixels with half-pixel centres', () => {
  const columns = Float64Array.from({ length: 784 }, (_, i) => i % 28);
  const map = distanceMap(columns, 28, 224, 'none');
  expect([...map.data.subarray(0, 8)]).toEqual([0, 0, 0, 0, 0.0625, 0.1875, 0.3125, 0.4375]);
  expect([...map.data.subarray(219, 224)]).toEqual([26.9375, 27, 27, 27, 27]);
});
