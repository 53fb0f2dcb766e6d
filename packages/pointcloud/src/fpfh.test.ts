import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test } from 'vitest';
import { computeFpfh, type FpfhOptions, type FpfhVariant, fpfhOfRange, inTreeOrder } from './fpfh.js';
import { buildKdTree } from './kd-tree.js';
import { estimateNormals } from './normals.js';
import { orientNormalsAlong } from './orient-normals.js';
import { rotationXyz } from './rotations.js';
import { exactExamplePoints } from './testing/exact-example-points.js';
import { goldenPath, goldenPoints, readGolden } from './testing/golden.js';

const example = exactExamplePoints();

/** A random cloud with random normals. */
function randomCloud(seed: number, count: number): { points: Float64Array; normals: Float64Array } {
  const rng = createRng(seed);
  const points = Float64Array.from({ length: 3 * count }, () => rng.normal());
  const normals = new Float64Array(3 * count);
  for (let i = 0; i < normals.length; i += 3) {
    const n = [rng.normal(), rng.normal(), rng.normal()];
    for (let axis = 0; axis < 3; axis++) normals[i + axis] = n[axis] / Math.hypot(...n);
  }
  return { points, normals };
}

function expectRows(found: Float32Array, expected: ArrayLike<number>, tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  let worst = 0;
  for (let i = 0; i < found.length; i++)
    if (!(Math.abs(found[i] - expected[i]) <= Math.abs(found[worst] - expected[worst]))) worst = i;
  expect(Math.abs((found[worst] ?? 0) - (expected[worst] ?? 0)), `largest error at ${worst}`).toBeLessThan(
    tolerance,
  );
}

describe('equals Open3D', () => {
  const neighbourhood = { radius: 0.05, maxNeighbours: 12 };
  const normals = estimateNormals(example, { radius: 0.03, maxNeighbours: 8 });
  const squares = (features: Float32Array) => features.reduce((sum, value) => sum + value * value, 0);

  test('on 36 points of a rippled patch with normals of mixed sign', () => {
    const features = computeFpfh(example, normals, neighbourhood);
    const row = new Float32Array(33);
    const expected = {
      ...{ 0: 21.802564, 4: 18.293505, 5: 123.747375, 6: 3.143924, 10: 33.012632 },
      ...{ 14: 4.002611, 15: 41.872031, 16: 96.478178, 17: 44.372074, 18: 13.275105 },
      ...{ 25: 3.358743, 26: 58.987941, 27: 51.158844, 28: 72.243202, 29: 14.251269 },
    };
    for (const [bin, value] of Object.entries(expected)) row[Number(bin)] = value;
    expectRows(features.slice(33 * 14, 33 * 15), row, 1e-5);
    expect(features.reduce((sum, value) => sum + value, 0)).toBeCloseTo(21600, 3);
    expect(squares(features)).toBeCloseTo(1664440.87287, 1);
  });

  test('on the same points with normals of one sign', () => {
    const features = computeFpfh(example, orientNormalsAlong(normals, [0, 0, 1]), neighbourhood);
    const row = new Float32Array(33);
    const expected = {
      ...{ 4: 21.16865, 5: 172.235301, 6: 6.596049 },
      ...{ 14: 4.002611, 15: 55.670613, 16: 96.478178, 17: 30.573493, 18: 13.275105 },
      ...{ 25: 3.358743, 26: 63.439127, 27: 51.158844, 28: 67.792016, 29: 14.251269 },
    };
    for (const [bin, value] of Object.entries(expected)) row[Number(bin)] = value;
    expectRows(features.slice(33 * 14, 33 * 15), row, 1e-5);
    expect(squares(features)).toBeCloseTo(2202708.55233, 1);
  });

  test.skipIf(!goldenPath).each([
    ['a', 0.015],
    ['btf_default', 0.25],
  ])('on the golden scan from its normals, %s (skipped without ../shared)', (name, radius) => {
    const features = computeFpfh(goldenPoints(), readGolden(`normals_${name}`).values, { radius });
    expectRows(features, readGolden(`fpfh_${name}`).values, 1e-3);
  });
});

/** The definition, word by word: neighbours by sorting everything, angles by arc tangent. */
function definition(
  points: Float64Array,
  normals: Float64Array,
  options: Required<Omit<FpfhOptions, 'tree'>>,
): Float64Array {
  const { radius, maxNeighbours, variant } = options;
  const size = points.length / 3;
  const row = (array: Float64Array, i: number) => [...array.subarray(3 * i, 3 * i + 3)];
  const dot = (a: number[], b: number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const cross = (a: number[], b: number[]) => [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
  const between = (i: number, j: number) => row(points, j).map((value, axis) => value - points[3 * i + axis]);
  const bin = (value: number) => Math.min(10, Math.max(0, Math.floor(value)));

  const neighbours = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => ({ j, squared: dot(between(i, j), between(i, j)) }))
      .filter(({ squared }) => squared < radius * radius)
      .sort((a, b) => a.squared - b.squared || a.j - b.j)
      .slice(1, maxNeighbours),
  );
  const simple = neighbours.map((found, i) => {
    const histogram = new Float64Array(33);
    for (const { j } of found) {
      let [a, b, d] = [row(normals, i), row(normals, j), between(i, j)];
      const length = Math.sqrt(dot(d, d));
      let f = [0, 0, 0];
      let degenerate = true;
      if (length > 0) {
        let f3 = dot(a, d) / length;
        if (Math.abs(f3) < Math.abs(dot(b, d) / length)) {
          f3 = -dot(b, d) / length;
          [a, b, d] = [b, a, d.map((value) => -value)];
        }
        const v = cross(d, a);
        const sine = Math.sqrt(dot(v, v));
        if (sine > 0) {
          const unit = v.map((value) => value / sine);
          f = [Math.atan2(dot(cross(a, unit), b), dot(a, b)), dot(unit, b), f3];
          degenerate = false;
        }
      }
      if (degenerate && variant === 'pcl') continue;
      histogram[bin((11 * (f[0] + Math.PI)) / (2 * Math.PI))] += 100 / found.length;
      histogram[11 + bin((11 * (f[1] + 1)) / 2)] += 100 / found.length;
      histogram[22 + bin((11 * (f[2] + 1)) / 2)] += 100 / found.length;
    }
    return histogram;
  });
  const features = new Float64Array(33 * size);
  for (let i = 0; i < size; i++) {
    const sums = new Float64Array(33);
    for (const { j, squared } of neighbours[i]) {
      if (squared === 0) continue;
      const weight = variant === 'paper' ? 1 / Math.sqrt(squared) / neighbours[i].length : 1 / squared;
      for (let b = 0; b < 33; b++) sums[b] += weight * simple[j][b];
    }
    for (let b = 0; b < 33; b++) {
      const block = sums.subarray(b - (b % 11), b - (b % 11) + 11).reduce((sum, value) => sum + value, 0);
      const mean = variant === 'paper' ? sums[b] : block > 0 ? (100 * sums[b]) / block : 0;
      features[33 * i + b] = mean + (variant === 'pcl' ? 0 : simple[i][b]);
    }
  }
  return features;
}

describe.each<FpfhVariant>(['open3d', 'pcl', 'paper'])('variant %s', (variant) => {
  const neighbourhoods = [
    { radius: Infinity, maxNeighbours: 20 },
    { radius: 0.9, maxNeighbours: 1000 },
    { radius: 0.8, maxNeighbours: 8 },
  ];

  test.each(neighbourhoods)('is what its definition says, $radius and $maxNeighbours', (neighbourhood) => {
    const { points, normals } = randomCloud(20, 150);
    const options = { ...neighbourhood, variant };
    expectRows(computeFpfh(points, normals, options), definition(points, normals, options), 1e-3);
  });

  test('is what its definition says where points coincide, distances tie and normals lie along lines', () => {
    const rng = createRng(22);
    const points = Float64Array.from({ length: 360 }, () => rng.integer(0, 3));
    const { normals } = randomCloud(21, 120);
    for (let i = 0; i < 180; i += 3)
      normals.set(
        [
          [1, 0, 0],
          [0, -1, 0],
          [0, 0, 1],
        ][rng.integer(0, 3)],
        i,
      );
    for (const maxNeighbours of [3, 30]) {
      const options = { radius: 1.5, maxNeighbours, variant };
      expectRows(computeFpfh(points, normals, options), definition(points, normals, options), 1e-3);
    }
  });

  test('ranges of any size give the same bits as the whole', () => {
    const { points, normals } = randomCloud(23, 400);
    const tree = buildKdTree(points);
    const sorted = inTreeOrder(tree, normals);
    const options = { radius: 1, maxNeighbours: 25, variant };
    const whole = fpfhOfRange(tree, sorted, options, 0, 400);
    expect(fpfhOfRange(tree, sorted, options, 0, 400, 25 * 64)).toEqual(whole);
    for (const step of [1, 57, 399]) {
      for (let start = 0; start < 400; start += step * 3) {
        const end = Math.min(400, start + step);
        expect(fpfhOfRange(tree, sorted, options, start, end)).toEqual(whole.slice(33 * start, 33 * end));
      }
    }
  });
});

describe('laws', () => {
  const { points, normals } = randomCloud(24, 300);
  const options = { maxNeighbours: 30 };
  const features = computeFpfh(points, normals, options);

  test('a rigid motion changes nothing', () => {
    const r = rotationXyz(0.4, -1.1, 2.5);
    const turned = (array: Float64Array, shift: number[]) =>
      array.map((_, i) => {
        const from = i - (i % 3);
        return (
          shift[i % 3] + [0, 1, 2].reduce((sum, axis) => sum + r[3 * (i % 3) + axis] * array[from + axis], 0)
        );
      });
    expectRows(computeFpfh(turned(points, [3, -4, 5]), turned(normals, [0, 0, 0]), options), features, 1e-3);
  });

  test('scaling changes nothing when the radius scales too', () => {
    const near = computeFpfh(points, normals, { ...options, radius: 0.7 });
    const scaled = points.map((value) => 0.013 * value);
    expectRows(computeFpfh(scaled, normals, { ...options, radius: 0.013 * 0.7 }), near, 1e-3);
  });

  test('permuting the points permutes the rows', () => {
    const order = createRng(25).permutation(300);
    const triples = (array: Float64Array) =>
      array.map((_, i) => array[3 * order[Math.floor(i / 3)] + (i % 3)]);
    const expected = features.map((_, i) => features[33 * order[Math.floor(i / 33)] + (i % 33)]);
    expectRows(computeFpfh(triples(points), triples(normals), options), expected, 1e-3);
  });

  test('flipping all normals mirrors the first and the last block', () => {
    const mirrored = features.map((_, i) => {
      const bin = i % 33;
      const from = bin >= 11 && bin < 22 ? bin : bin < 11 ? 10 - bin : 54 - bin;
      return features[i - bin + from];
    });
    expectRows(
      computeFpfh(
        points,
        normals.map((value) => -value),
        options,
      ),
      mirrored,
      1e-3,
    );
  });

  test('each block sums to 200', () => {
    for (let block = 0; block < features.length; block += 11) {
      expect(features.subarray(block, block + 11).reduce((sum, value) => sum + value, 0)).toBeCloseTo(200, 3);
    }
  });
});

test('in a plane every pair falls into the middle bins', () => {
  const points = Float32Array.from(
    { length: 300 },
    (_, i) => [Math.floor(i / 30), Math.floor(i / 3) % 10, 0][i % 3],
  );
  const up = points.map((_, i) => Number(i % 3 === 2));
  const row = Float32Array.from({ length: 33 }, (_, bin) => (bin % 11 === 5 ? 200 : 0));
  const features = computeFpfh(points, up, { maxNeighbours: 10 });
  expectRows(
    features,
    features.map((_, i) => row[i % 33]),
    1e-4,
  );
});

describe('legitimate corner cases', () => {
  const up = (count: number) => Float32Array.from({ length: 3 * count }, (_, i) => Number(i % 3 === 2));

  test('an empty cloud has no features, points without neighbours have zeros', () => {
    expect(computeFpfh(new Float32Array(0), new Float32Array(0))).toEqual(new Float32Array(0));
    expect(computeFpfh(Float32Array.of(1, 2, 3), up(1))).toEqual(new Float32Array(33));
    expect(computeFpfh(Float32Array.of(0, 0, 0, 1, 0, 0), up(2), { radius: 1 })).toEqual(
      new Float32Array(66),
    );
    expect(computeFpfh(Float32Array.of(0, 0, 0, 1, 0, 0), up(2), { maxNeighbours: 1 })).toEqual(
      new Float32Array(66),
    );
  });

  test('among duplicates only the own histogram is left, its middle bins; none with pcl', () => {
    const points = new Float32Array(3 * 40).fill(0.3);
    const expected = Float32Array.from({ length: 33 * 40 }, (_, i) => (i % 11 === 5 ? 100 : 0));
    expectRows(computeFpfh(points, up(40), { maxNeighbours: 10 }), expected, 1e-4);
    expect(computeFpfh(points, up(40), { maxNeighbours: 10, variant: 'pcl' })).toEqual(
      new Float32Array(33 * 40),
    );
  });
});

test('wrong arguments are refused', () => {
  const points = new Float32Array(9);
  const normals = new Float32Array(9);
  expect(() => computeFpfh(points, new Float32Array(6))).toThrow(ShapeError);
  expect(() =>
    computeFpfh(
      points,
      normals.map(() => Number.NaN),
    ),
  ).toThrow(/normals/);
  expect(() =>
    computeFpfh(
      points.map(() => Infinity),
      normals,
    ),
  ).toThrow(ArgumentError);
  expect(() => computeFpfh(points, normals, { radius: 0 })).toThrow(ArgumentError);
  expect(() => computeFpfh(points, normals, { maxNeighbours: 2.5 })).toThrow(ArgumentError);
  expect(() => computeFpfh(points, normals, { variant: 'shot' as FpfhVariant })).toThrow(/open3d or pcl/);
});
