import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { toUnorganised } from './organised.js';
import { fitPlane, orientPlane, type Plane, ransacPlane, removePlane, signedDistance } from './plane.js';
import { goldenPath, readGolden } from './testing/golden.js';

/** A 6 × 6 patch of the plane through (0, 0, c) that rises by a per x and b per y. */
function patch(a: number, b: number, c: number, map = (x: number, y: number, z: number) => [x, y, z]) {
  const points: number[] = [];
  for (let x = 0; x < 6; x++) for (let y = 0; y < 6; y++) points.push(...map(x, y, a * x + b * y + c));
  return Float64Array.from(points);
}

function expectPlane(plane: Plane | null | undefined, normal: number[], d: number, digits = 9): void {
  for (let axis = 0; axis < 3; axis++) expect(plane?.normal[axis]).toBeCloseTo(normal[axis], digits);
  expect(plane?.d).toBeCloseTo(d, digits);
}

describe('fitPlane', () => {
  test('finds z = 2x − y + 3 with the largest component of the normal positive', () => {
    const length = Math.sqrt(6);
    expectPlane(fitPlane(patch(2, -1, 3)), [2 / length, -1 / length, -1 / length], 3 / length);
  });

  test('the axis that the plane faces most gets the positive component', () => {
    const length = Math.hypot(0.2, 0.1, 1);
    expectPlane(
      fitPlane(patch(0.2, -0.1, 3, (x, y, z) => [z, x, y])),
      [1 / length, -0.2 / length, 0.1 / length],
      -3 / length,
    );
    expectPlane(
      fitPlane(patch(0.2, -0.1, 3, (x, y, z) => [y, z, x])),
      [0.1 / length, 1 / length, -0.2 / length],
      -3 / length,
    );
  });

  test('among noisy points it minimises the error along that axis', () => {
    // z over the corners of a square: the least-squares plane of the four is z = 0.25 + 0.25 (x + y).
    const corners = Float64Array.of(1, 1, 1, 1, -1, 0, -1, 1, 0, -1, -1, 0);
    const length = Math.hypot(0.25, 0.25, 1);
    expectPlane(fitPlane(corners), [-0.25 / length, -0.25 / length, 1 / length], -0.25 / length);
  });

  test('uses only the chosen points', () => {
    const points = Float32Array.of(9, 9, 9, 0, 0, 1, 1, 0, 1, 0, 1, 1);
    expectPlane(fitPlane(points, Uint32Array.of(1, 2, 3)), [0, 0, 1], -1);
  });

  test('two points, equal points and points on an axis span no plane', () => {
    expect(fitPlane(Float32Array.of(0, 0, 0, 1, 1, 1))).toBeNull();
    expect(fitPlane(new Float32Array(30).fill(3))).toBeNull();
    expect(fitPlane(Float32Array.of(1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0))).toBeNull();
  });
});

describe('ransacPlane', () => {
  /** 80 points of the plane z = 0.5 + 0.1 x and 40 anywhere above it. */
  function tableWithClutter() {
    const rng = createRng(1);
    const points = new Float32Array(360);
    for (let i = 0; i < 120; i++) {
      const x = rng.uniform();
      points.set([x, rng.uniform(), 0.5 + 0.1 * x + (i < 80 ? 0 : rng.uniform(0.05, 0.5))], 3 * i);
    }
    return points;
  }

  test.each([3, 6])('finds the plane of two thirds of the points with samples of %i', (sample) => {
    const found = ransacPlane(tableWithClutter(), { threshold: 0.001, sample, rng: createRng(2) });
    const length = Math.hypot(0.1, 1);
    expectPlane(found?.plane, [-0.1 / length, 0, 1 / length], -0.5 / length, 6);
    expect([...(found?.inliers ?? [])]).toEqual(Array.from({ length: 80 }, (_, i) => i));
    expect(found?.inlierRatio).toBeCloseTo(2 / 3, 12);
    expect(found?.rmsDistance).toBeLessThan(1e-6);
  });

  test('a point exactly at the threshold is no inlier', () => {
    const points = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0.5, 0.5, 0.25);
    const options = { rng: createRng(0), iterations: 50 };
    expect(ransacPlane(points, { ...options, threshold: 0.25 })?.inliers).toHaveLength(4);
    expect(ransacPlane(points, { ...options, threshold: 0.2500001 })?.inliers).toHaveLength(5);
  });

  test('of planes with equally many inliers the one with the smaller distances wins', () => {
    // Two sheets of 20: the first rippled within the threshold, the second flat.
    const rng = createRng(3);
    const points: number[] = [];
    for (let i = 0; i < 20; i++) points.push(rng.uniform(), rng.uniform(), i % 2 === 0 ? 5.001 : 4.999);
    for (let i = 0; i < 20; i++) points.push(rng.uniform(), rng.uniform(), 0);
    const found = ransacPlane(Float64Array.from(points), { threshold: 0.01, rng });
    expect([...(found?.inliers ?? [])]).toEqual(Array.from({ length: 20 }, (_, i) => 20 + i));
    expect(found?.rmsDistance).toBeCloseTo(0, 12);
  });

  test('all samples are drawn, however early the search stops', () => {
    const flat = patch(0, 0, 1); // the first hypothesis explains everything
    const searched = createRng(4);
    ransacPlane(flat, { threshold: 0.1, iterations: 20, rng: searched });
    const drawn = createRng(4);
    for (let i = 0; i < 20; i++) drawn.sample(36, 3);
    expect(searched.uniform()).toBe(drawn.uniform());
  });

  test('fewer points than a sample, or only degenerate samples, give null', () => {
    const rng = createRng(0);
    expect(ransacPlane(new Float32Array(0), { threshold: 1, rng })).toBeNull();
    expect(ransacPlane(patch(0, 0, 1), { threshold: 1, sample: 37, rng })).toBeNull();
    expect(ransacPlane(new Float32Array(30).fill(2), { threshold: 1, rng })).toBeNull();
  });

  test('refuses a threshold of 0, samples of 2 and coordinates that are not finite', () => {
    const rng = createRng(0);
    expect(() => ransacPlane(patch(0, 0, 1), { threshold: 0, rng })).toThrow(ArgumentError);
    expect(() => ransacPlane(patch(0, 0, 1), { threshold: 1, sample: 2, rng })).toThrow(ArgumentError);
    expect(() => ransacPlane(Float32Array.of(1, 2, NaN), { threshold: 1, rng })).toThrow(ArgumentError);
  });

  test.skipIf(!goldenPath)('equals Open3D on the golden scan (skipped without ../shared)', () => {
    const { shape, values } = readGolden('input.organised_xyz');
    const { positions } = toUnorganised({ xyz: ndarray(Float32Array.from(values), [...shape]) });
    const [a, b, c, d] = readGolden('plane_model_abcd').values;
    const [inlierCount] = readGolden('plane_inlier_count').values;
    for (let seed = 0; seed < 5; seed++) {
      const found = ransacPlane(positions, { threshold: 0.0004, rng: createRng(seed) });
      expect(found?.inliers).toHaveLength(inlierCount);
      expectPlane(found?.plane, [a, b, c], d, 12);
    }
  });
});

test('orientPlane turns the normal to the side of a point and keeps the plane', () => {
  const coordinate = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(coordinate, coordinate, coordinate), coordinate, (towards, d) => {
      const plane: Plane = { normal: [0.6, 0, -0.8], d };
      const turned = orientPlane(plane, towards);
      expect(signedDistance(turned, ...towards)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(signedDistance(turned, 1, 2, 3))).toBeCloseTo(
        Math.abs(signedDistance(plane, 1, 2, 3)),
        12,
      );
    }),
    { seed: 2 },
  );
});

test('removePlane clears xyz and image strictly below the distance, and nothing in its input', () => {
  const xyz = ndarray(Float32Array.of(1, 1, 1, 1, 1, 1.25, 1, 1, 1.5, 1, 1, 0.75), [2, 2, 3]);
  const image = ndarray(new Uint8Array(12).fill(9), [2, 2, 3]);
  const mask = ndarray(Uint8Array.of(1, 0, 1, 0), [2, 2]);
  const cleaned = removePlane({ organised: { xyz }, image, mask }, { normal: [0, 0, 1], d: -1 }, 0.5);
  expect([...cleaned.organised.xyz.data]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1.5, 0, 0, 0]);
  expect([...(cleaned.image?.data ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 9, 9, 9, 0, 0, 0]);
  expect(cleaned.mask).toBe(mask);
  expect(xyz.get(0, 0, 2)).toBe(1);
  expect(image.get(0, 0, 0)).toBe(9);
});
