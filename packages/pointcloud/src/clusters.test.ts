import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dbscan, largestCluster } from './clusters.js';
import { goldenPath, goldenPoints, readGolden } from './testing/golden.js';

/** DBSCAN by its definition: all pairs, and a breadth-first search from every unlabelled core point. */
function dbscanByDefinition(points: ArrayLike<number>, eps: number, minPoints: number): number[] {
  const count = points.length / 3;
  const neighbours = Array.from({ length: count }, (_, i) => {
    const near: number[] = [];
    for (let j = 0; j < count; j++) {
      const dx = points[3 * i] - points[3 * j];
      const dy = points[3 * i + 1] - points[3 * j + 1];
      const dz = points[3 * i + 2] - points[3 * j + 2];
      if (dx * dx + dy * dy + dz * dz < eps * eps) near.push(j);
    }
    return near;
  });
  const labels = new Array<number>(count).fill(-1);
  let clusters = 0;
  for (let start = 0; start < count; start++) {
    if (labels[start] !== -1 || neighbours[start].length < minPoints) continue;
    const queue = [start];
    labels[start] = clusters;
    for (const i of queue) {
      if (neighbours[i].length < minPoints) continue; // border points do not reach further
      for (const j of neighbours[i]) {
        if (labels[j] !== -1) continue;
        labels[j] = clusters;
        queue.push(j);
      }
    }
    clusters++;
  }
  return labels;
}

const onALine = (...xs: number[]) => Float64Array.from(xs.flatMap((x) => [x, 0, 0]));

describe('dbscan', () => {
  test('two groups and a stray point, numbered by their first point', () => {
    expect([...dbscan(onALine(10, 0, 11, 1, 5, 12, 2), { eps: 1.5, minPoints: 2 })]).toEqual([
      0, 1, 0, 1, -1, 0, 1,
    ]);
  });

  test('points exactly eps apart are no neighbours', () => {
    expect([...dbscan(onALine(0, 1, 2), { eps: 1, minPoints: 2 })]).toEqual([-1, -1, -1]);
    expect([...dbscan(onALine(0, 1, 2), { eps: 1.0001, minPoints: 2 })]).toEqual([0, 0, 0]);
  });

  test('a border point between two clusters joins the one that starts first', () => {
    // Cores have 4 neighbours; the point at 3 has one on either side only and links nothing.
    const left = [0, 0.4, 0.8, 1.2];
    const right = [4.8, 5.2, 5.6, 6];
    const options = { eps: 1.9, minPoints: 4 };
    expect([...dbscan(onALine(...left, 3, ...right), options)]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect([...dbscan(onALine(...right, 3, ...left), options)]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test('equal points are each other’s neighbours', () => {
    expect([...dbscan(new Float32Array(12).fill(0.3), { eps: 1e-6, minPoints: 4 })]).toEqual([0, 0, 0, 0]);
    expect([...dbscan(new Float32Array(12).fill(0.3), { eps: 1e-6, minPoints: 5 })]).toEqual([
      -1, -1, -1, -1,
    ]);
  });

  test('no points, one point', () => {
    expect(dbscan(new Float32Array(0), { eps: 1, minPoints: 1 })).toHaveLength(0);
    expect([...dbscan(onALine(3), { eps: 1, minPoints: 1 })]).toEqual([0]);
    expect([...dbscan(onALine(3), { eps: 1, minPoints: 2 })]).toEqual([-1]);
  });

  test('equals the definition on clouds of every density', () => {
    const clouds = fc.record({
      seed: fc.integer({ min: 0, max: 1e6 }),
      count: fc.integer({ min: 0, max: 250 }),
      eps: fc.constantFrom(0.03, 0.1, 0.2, 0.35, 0.7, 2),
      minPoints: fc.constantFrom(1, 2, 4, 9, 40),
      blobs: fc.integer({ min: 1, max: 6 }),
      spread: fc.constantFrom(0.02, 0.1, 0.3),
      rounding: fc.constantFrom(0, 0.05, 0.1), // a lattice: ties and duplicates
    });
    fc.assert(
      fc.property(clouds, ({ seed, count, eps, minPoints, blobs, spread, rounding }) => {
        const rng = createRng(seed);
        const centres = Array.from({ length: 3 * blobs }, () => rng.uniform());
        const points = Float32Array.from({ length: 3 * count }, (_, i) => {
          const value = centres[3 * (Math.floor(i / 3) % blobs) + (i % 3)] + rng.normal(0, spread);
          return rounding === 0 ? value : rounding * Math.round(value / rounding);
        });
        expect([...dbscan(points, { eps, minPoints })]).toEqual(dbscanByDefinition(points, eps, minPoints));
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test('two crowded sheets stay apart just above eps and join just below', () => {
    const rng = createRng(5);
    const sheets = (gap: number) =>
      Float64Array.from({ length: 3 * 1200 }, (_, i) =>
        i % 3 === 2 ? gap * (Math.floor(i / 3) % 2) : rng.uniform(),
      );
    const clusterCount = (gap: number) => new Set(dbscan(sheets(gap), { eps: 0.5, minPoints: 5 })).size;
    expect(clusterCount(0.5)).toBe(2);
    expect(clusterCount(0.4999)).toBe(1);
  });

  test('refuses eps 0, minPoints 0 and coordinates that are not finite', () => {
    const points = onALine(1, 2);
    expect(() => dbscan(points, { eps: 0, minPoints: 1 })).toThrow(ArgumentError);
    expect(() => dbscan(points, { eps: 1, minPoints: 0 })).toThrow(ArgumentError);
    expect(() => dbscan(onALine(1, NaN), { eps: 1, minPoints: 1 })).toThrow(ArgumentError);
    expect(() => dbscan(onALine(0, 1), { eps: 1e-12, minPoints: 1 })).toThrow(/2\^31 cells/);
  });

  test.skipIf(!goldenPath)(
    'equals Open3D on the golden scan up to the numbers (skipped without ../shared)',
    () => {
      const expected = readGolden('dbscan_labels_0.003_5').values;
      const labels = dbscan(goldenPoints(), { eps: 0.003, minPoints: 5 });
      expect(labels).toHaveLength(expected.length);
      const pairs = new Set(Array.from(labels, (label, i) => `${label} is ${expected[i]}`));
      expect(pairs.size).toBe(new Set(expected).size); // a one-to-one renaming
      expect(pairs.size).toBe(new Set(labels).size);
      expect(Array.from(labels, (label) => label === -1)).toEqual(
        Array.from(expected, (label) => label === -1),
      );
    },
  );
});

describe('largestCluster', () => {
  test('the label that occurs most often, the smaller one on a tie', () => {
    expect(largestCluster(Int32Array.of(2, 1, 1, 2, 0))).toBe(1);
    expect(largestCluster(Int32Array.of(2, 2, 1))).toBe(2);
  });

  test('noise counts like a cluster unless it is ignored', () => {
    expect(largestCluster(Int32Array.of(-1, 0, -1))).toBe(-1);
    expect(largestCluster(Int32Array.of(-1, 0))).toBe(-1);
    expect(largestCluster(Int32Array.of(-1, 0, -1), { ignoreNoise: true })).toBe(0);
  });

  test('nothing to choose from gives null', () => {
    expect(largestCluster(new Int32Array(0))).toBeNull();
    expect(largestCluster(Int32Array.of(-1), { ignoreNoise: true })).toBeNull();
  });
});
