import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildKdTree, leafCapacity } from './kd-tree.js';

const coordinate = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }));
const cloud = fc
  .array(fc.tuple(coordinate, coordinate, coordinate), { maxLength: 300 })
  .map((points) => Float64Array.from(points.flat()));

test('every point is in exactly one leaf, in the box of the leaf and in the boxes of all nodes above it', () => {
  fc.assert(
    fc.property(cloud, (points) => {
      const { size, coordinates, order, leafStarts, boxes } = buildKdTree(points);
      expect(size).toBe(points.length / 3);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      const leafCount = leafStarts.length - 1;
      expect(leafStarts[leafCount]).toBe(size);
      for (let leaf = 0; leaf < leafCount; leaf++) {
        expect(leafStarts[leaf + 1] - leafStarts[leaf]).toBeLessThanOrEqual(leafCapacity);
        for (let position = leafStarts[leaf]; position < leafStarts[leaf + 1]; position++) {
          const xyz = coordinates.slice(3 * position, 3 * position + 3);
          expect(xyz).toEqual(points.slice(3 * order[position], 3 * order[position] + 3));
          for (let node = leafCount - 1 + leaf; ; node = (node - 1) >>> 1) {
            for (let axis = 0; axis < 3; axis++) {
              expect(boxes[6 * node + axis]).toBeLessThanOrEqual(xyz[axis]);
              expect(boxes[6 * node + 3 + axis]).toBeGreaterThanOrEqual(xyz[axis]);
            }
            if (node === 0) break;
          }
        }
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('the box of the root is tight', () => {
  const { boxes } = buildKdTree(Float32Array.of(1, 5, -2, 3, 4, 0, 2, 6, 7));
  expect([...boxes.subarray(0, 6)]).toEqual([1, 4, -2, 3, 6, 7]);
});

test('the tree does not notice that the points change afterwards', () => {
  const points = Float32Array.of(1, 2, 3);
  const tree = buildKdTree(points);
  points.fill(0);
  expect([...tree.coordinates]).toEqual([1, 2, 3]);
});

test('a hundred thousand equal points are split evenly too', () => {
  const { leafStarts } = buildKdTree(new Float32Array(300_000));
  expect(leafStarts[1]).toBeLessThanOrEqual(leafCapacity);
});
