import ndarray, { type NdArray } from 'ndarray';
import { expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../errors.js';
import { createRng } from '../random/index.js';
import { largestDifference, readGolden } from '../testing/arrays.fixture.js';
import { hasShared } from '../testing/golden.fixture.js';
import { contiguous } from './contiguous.js';
import { gaussianFilter } from './gaussian-filter.js';

function randomMap(height: number, width: number): NdArray<Float64Array> {
  const rng = createRng('map');
  return ndarray(
    Float64Array.from({ length: height * width }, () => rng.normal()),
    [height, width],
  );
}

/** The two-dimensional sum over a mirrored plane, straight from the definition. */
function filterByDefinition(map: NdArray<Float64Array>, sigma: number, radius: number): Float64Array {
  const [height, width] = map.shape;
  const mirror = (i: number, n: number): number => {
    let at = i;
    while (at < 0 || at >= n) at = at < 0 ? -1 - at : 2 * n - 1 - at;
    return at;
  };
  const result = new Float64Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [sum, total] = [0, 0];
      for (let dy = -radius; dy <= radius; dy++) {
        for (let dx = -radius; dx <= radius; dx++) {
          const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
          sum += weight * map.get(mirror(y + dy, height), mirror(x + dx, width));
          total += weight;
        }
      }
      result[y * width + x] = sum / total;
    }
  }
  return result;
}

test.skipIf(!hasShared)('equals SciPy’s gaussian_filter (skipped where ../shared is absent)', () => {
  const golden = readGolden('image-ops');
  const map = golden('input.gauss_map') as NdArray<Float64Array>;
  for (const sigma of [1, 4]) {
    const expected = golden(`scipy_gaussian_sigma${sigma}`).data;
    expect(largestDifference(gaussianFilter(map, sigma).data, expected)).toBeLessThan(1e-14);
  }
});

test.each([
  [9, 12, 1.3, 5],
  [3, 4, 2, 8], // shorter than the kernel: the border is mirrored several times
  [1, 5, 0.8, 3],
])('equals the sum over the mirrored plane, %d × %d, sigma %d', (height, width, sigma, radius) => {
  const map = randomMap(height, width);
  expect(
    largestDifference(gaussianFilter(map, sigma).data, filterByDefinition(map, sigma, radius)),
  ).toBeLessThan(1e-13);
});

test('truncate says where the kernel ends', () => {
  const map = randomMap(9, 12);
  const expected = filterByDefinition(map, 1.5, 3); // ⌊2·1.5 + 0.5⌋
  expect(largestDifference(gaussianFilter(map, 1.5, { truncate: 2 }).data, expected)).toBeLessThan(1e-13);
});

test('keeps the type of the map, and its sum away from the border', () => {
  const impulse = ndarray(new Float32Array(41 * 41), [41, 41]);
  impulse.set(20, 20, 1);
  const blurred = gaussianFilter(impulse, 2);
  expect(blurred.data).toBeInstanceOf(Float32Array);
  expect(gaussianFilter(randomMap(2, 2), 1).data).toBeInstanceOf(Float64Array);
  expect(blurred.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  expect(blurred.get(20, 20)).toBeCloseTo(1 / (2 * Math.PI * 4), 4);
  expect(blurred.get(18, 20)).toBeCloseTo(Math.exp(-0.5) / (2 * Math.PI * 4), 4);
});

test('sigma 0 copies, and the argument is never changed', () => {
  const map = randomMap(4, 5);
  const before = map.data.slice();
  const copy = gaussianFilter(map, 0);
  expect(copy.data).toEqual(before);
  expect(copy.data).not.toBe(map.data);
  gaussianFilter(map, 2);
  expect(map.data).toEqual(before);
});

test('an empty map gives an empty map', () => {
  expect(gaussianFilter(ndarray(new Float32Array(0), [0, 5]), 1).shape).toEqual([0, 5]);
});

test('strided views give what their copies give', () => {
  const view = randomMap(8, 9).step(2, -1).transpose(1, 0);
  const copy = ndarray(contiguous(view), view.shape);
  expect(gaussianFilter(view, 1).data).toEqual(gaussianFilter(copy, 1).data);
});

test('other ranks and negative or endless sigmas are refused', () => {
  const map = randomMap(2, 2);
  expect(() => gaussianFilter(ndarray(new Float32Array(8), [2, 2, 2]), 1)).toThrow(ShapeError);
  expect(() => gaussianFilter(map, -1)).toThrow(ArgumentError);
  expect(() => gaussianFilter(map, Number.NaN)).toThrow(
    'gaussianFilter: expected a finite sigma ≥ 0, got NaN',
  );
  expect(() => gaussianFilter(map, 1, { truncate: Number.POSITIVE_INFINITY })).toThrow(ArgumentError);
});
