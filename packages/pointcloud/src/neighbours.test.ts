import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildKdTree } from './kd-tree.js';
import { hybridSearch, knn, knnAll, nearest, nearestAll, radiusSearch } from './neighbours.js';

interface Found {
  index: number;
  squaredDistance: number;
}

/** Everything, sorted by (squared distance, index): the definition itself. */
function bruteForce(points: Float32Array | Float64Array, query: ArrayLike<number>): Found[] {
  const found: Found[] = [];
  for (let index = 0; index < points.length / 3; index++) {
    const dx = points[3 * index] - query[0];
    const dy = points[3 * index + 1] - query[1];
    const dz = points[3 * index + 2] - query[2];
    found.push({ index, squaredDistance: dx * dx + dy * dy + dz * dz });
  }
  return found.sort((a, b) => a.squaredDistance - b.squaredDistance || a.index - b.index);
}

const indicesOf = (found: Found[]) => found.map(({ index }) => index);

/** Small integers make ties and duplicates the rule; the scaled doubles are the ordinary case. */
const coordinate = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ min: -1, max: 1, noNaN: true }));
const point = fc.tuple(coordinate, coordinate, coordinate);
const cloud = fc.array(point, { maxLength: 120 }).map((points) => Float64Array.from(points.flat()));
const tiedCloud = fc
  .array(
    fc.tuple(
      ...([0, 0, 0].map(() => fc.integer({ min: 0, max: 2 })) as [
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
      ]),
    ),
    { maxLength: 200 },
  )
  .map((points) => Float32Array.from(points.flat()));
const anyCloud = fc.oneof(cloud, tiedCloud);

describe('searches around one point equal brute force, ties included', () => {
  test('knn and nearest', () => {
    fc.assert(
      fc.property(anyCloud, point, fc.integer({ min: 1, max: 150 }), (points, query, k) => {
        const tree = buildKdTree(points);
        const expected = bruteForce(points, query).slice(0, k);
        const { indices, squaredDistances } = knn(tree, query, k);
        expect([...indices]).toEqual(indicesOf(expected));
        expect([...squaredDistances]).toEqual(expected.map((f) => f.squaredDistance));
        expect(nearest(tree, query)).toBe(expected[0]?.index ?? -1);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test('radius and hybrid search, the radius itself being outside', () => {
    const radius = fc.oneof(
      fc.constantFrom(1, 2, 3, Math.SQRT2),
      fc.double({ min: 0.01, max: 3, noNaN: true }),
    );
    fc.assert(
      fc.property(anyCloud, point, radius, fc.integer({ min: 1, max: 60 }), (points, query, r, k) => {
        const tree = buildKdTree(points);
        const expected = bruteForce(points, query).filter((f) => f.squaredDistance < r * r);
        expect([...radiusSearch(tree, query, r).indices]).toEqual(indicesOf(expected));
        expect([...hybridSearch(tree, query, r, k).indices]).toEqual(indicesOf(expected.slice(0, k)));
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

test('knnAll equals a search from every point, whatever the range of rows', () => {
  const radius = fc.oneof(
    fc.constant(Infinity),
    fc.constantFrom(1, 2),
    fc.double({ min: 0.05, max: 2, noNaN: true }),
  );
  fc.assert(
    fc.property(
      anyCloud,
      fc.integer({ min: 1, max: 40 }),
      radius,
      fc.nat(),
      fc.nat(),
      (points, wanted, r, a, b) => {
        const tree = buildKdTree(points);
        const [start, end] = [a % (tree.size + 1), b % (tree.size + 1)].sort((x, y) => x - y);
        const { k, indices, squaredDistances, counts } = knnAll(tree, { k: wanted, radius: r, start, end });
        expect(k).toBe(Math.min(wanted, tree.size));
        for (let row = 0; row < end - start; row++) {
          const query = points.subarray(3 * (start + row), 3 * (start + row) + 3);
          const expected = bruteForce(points, query)
            .filter((f) => f.squaredDistance < r * r)
            .slice(0, k);
          const pad = new Array(k - expected.length);
          expect(counts[row]).toBe(expected.length);
          expect([...indices.subarray(row * k, row * k + k)]).toEqual([
            ...indicesOf(expected),
            ...pad.fill(-1),
          ]);
          expect([...squaredDistances.subarray(row * k, row * k + k)]).toEqual([
            ...expected.map((f) => f.squaredDistance),
            ...pad.fill(Infinity),
          ]);
        }
      },
    ),
    { seed: 5, numRuns: 150 },
  );
});

test('knnAll equals brute force on a crowded cloud with outliers and many neighbours', () => {
  const rng = createRng(6);
  const points = new Float32Array(3 * 1500);
  for (let i = 0; i < points.length; i++) points[i] = rng.normal() * (i < 60 ? 1000 : i < 2000 ? 1 : 1e-3);
  const tree = buildKdTree(points);
  const { k, indices } = knnAll(tree, { k: 300 });
  for (let i = 0; i < 1500; i += 7) {
    const expected = bruteForce(points, points.subarray(3 * i, 3 * i + 3)).slice(0, k);
    expect([...indices.subarray(i * k, i * k + k)]).toEqual(indicesOf(expected));
  }
});

test('nearestAll equals brute force for queries that are no points of the tree', () => {
  fc.assert(
    fc.property(anyCloud, anyCloud, (points, queries) => {
      const { indices, squaredDistances } = nearestAll(buildKdTree(points), queries);
      for (let i = 0; i < indices.length; i++) {
        const [expected] = bruteForce(points, queries.subarray(3 * i, 3 * i + 3));
        expect(indices[i]).toBe(expected?.index ?? -1);
        expect(squaredDistances[i]).toBe(expected?.squaredDistance ?? Infinity);
      }
    }),
    { seed: 7, numRuns: 150 },
  );
});

describe('legitimate corner cases', () => {
  test('nothing is found in an empty cloud', () => {
    const tree = buildKdTree(new Float32Array(0));
    expect(nearest(tree, [0, 0, 0])).toBe(-1);
    expect(knn(tree, [0, 0, 0], 5).indices).toHaveLength(0);
    expect(radiusSearch(tree, [0, 0, 0], 5).indices).toHaveLength(0);
    expect(knnAll(tree, { k: 5 }).indices).toHaveLength(0);
    expect([...nearestAll(tree, new Float32Array(3)).indices]).toEqual([-1]);
  });

  test('a single point is its own and only neighbour', () => {
    const tree = buildKdTree(Float32Array.of(1, 2, 3));
    expect([...knn(tree, [1, 2, 5], 5).squaredDistances]).toEqual([4]);
    expect([...knnAll(tree, { k: 5 }).indices]).toEqual([0]);
  });

  test('among equal points the lowest indices are found', () => {
    const tree = buildKdTree(new Float32Array(3 * 1000).fill(0.25));
    expect([...knn(tree, [0, 0, 0], 4).indices]).toEqual([0, 1, 2, 3]);
    expect([...knnAll(tree, { k: 3 }).indices.slice(-3)]).toEqual([0, 1, 2]);
  });

  test('far from the origin, distances keep the precision of float64', () => {
    const points = Float64Array.of(1e6, 0, 0, 1e6 + 1e-6, 0, 0, 1e6 - 2e-6, 0, 0);
    expect([...knn(buildKdTree(points), [1e6, 0, 0], 3).indices]).toEqual([0, 1, 2]);
  });
});

describe('wrong arguments are refused', () => {
  const tree = buildKdTree(Float32Array.of(0, 0, 0, 1, 1, 1));

  test('points that are no triples or not finite', () => {
    expect(() => buildKdTree(new Float32Array(4))).toThrow(ShapeError);
    expect(() => buildKdTree(Float32Array.of(0, 0, 0, 1, Number.NaN, 1))).toThrow(/point 1/);
    expect(() => buildKdTree(Float64Array.of(0, 0, Infinity))).toThrow(ArgumentError);
  });

  test('queries, counts, radii and ranges that make no sense', () => {
    expect(() => nearest(tree, [0, 0])).toThrow(ArgumentError);
    expect(() => knn(tree, [0, 0, Number.NaN], 1)).toThrow(ArgumentError);
    expect(() => knn(tree, [0, 0, 0], 0)).toThrow(ArgumentError);
    expect(() => knn(tree, [0, 0, 0], 1.5)).toThrow(ArgumentError);
    expect(() => radiusSearch(tree, [0, 0, 0], 0)).toThrow(ArgumentError);
    expect(() => hybridSearch(tree, [0, 0, 0], Number.NaN, 1)).toThrow(ArgumentError);
    expect(() => knnAll(tree, { k: 1, start: 1, end: 3 })).toThrow(ArgumentError);
    expect(() => nearestAll(tree, new Float32Array(2))).toThrow(ShapeError);
  });
});
