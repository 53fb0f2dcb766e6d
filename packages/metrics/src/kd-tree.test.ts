import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKdTree, Neighbours } from './kd-tree.js';

/** Points on a coarse lattice, so that equal distances and equal points are common. */
const lattice = (maxLength: number) =>
  fc
    .array(fc.tuple(...[4, 3, 2].map((max) => fc.integer({ min: -max, max }))), { minLength: 1, maxLength })
    .map((points) => Float32Array.from(points.flat()));

function bruteForce(
  positions: Float32Array,
  query: Float32Array,
  k: number,
  exclude: number,
): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < positions.length / 3; i++) {
    if (i === exclude) continue;
    const offset = [0, 1, 2].map((axis) => positions[3 * i + axis] - query[axis]);
    found.push([i, offset[0] ** 2 + offset[1] ** 2 + offset[2] ** 2]);
  }
  return found.sort(([i, a], [j, b]) => a - b || i - j).slice(0, k);
}

describe('Neighbours', () => {
  test('are the k nearest points, the lower index first among equally near ones', () => {
    fc.assert(
      fc.property(lattice(150), fc.integer({ min: 1, max: 12 }), (positions, k) => {
        const neighbours = new Neighbours(createKdTree(positions), k);
        for (let point = 0; point < Math.min(20, positions.length / 3); point++) {
          for (const exclude of [point, -1]) {
            neighbours.find(positions, point, exclude);
            const query = positions.subarray(3 * point, 3 * point + 3);
            const expected = bruteForce(positions, query, k, exclude);
            expect(neighbours.count).toBe(expected.length);
            expect(Array.from(neighbours.indices.subarray(0, neighbours.count))).toEqual(
              expected.map(([i]) => i),
            );
            expect(Array.from(neighbours.squaredDistances.subarray(0, neighbours.count))).toEqual(
              expected.map(([, squared]) => squared),
            );
          }
        }
      }),
      { seed: 30 },
    );
  });

  test('of 100 000 points at one place are found without looking at all of them', () => {
    const positions = new Float32Array(300_000).fill(2);
    const neighbours = new Neighbours(createKdTree(positions), 3);
    for (let point = 0; point < 100_000; point++) neighbours.find(positions, point, point);
    expect(Array.from(neighbours.indices)).toEqual([0, 1, 2]);
    neighbours.find(positions, 1, 1);
    expect(Array.from(neighbours.indices)).toEqual([0, 2, 3]);
  });

  test('of an empty cloud are none', () => {
    const neighbours = new Neighbours(createKdTree(new Float32Array(0)), 2);
    neighbours.find(Float32Array.of(1, 2, 3), 0);
    expect(neighbours.count).toBe(0);
  });
});
