import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { buildNeighbourCells, densePoints, forEachNeighbourhood } from './neighbour-cells.js';

const radius = 0.2;

function randomCells(count: number) {
  const rng = createRng('cells');
  const points = Float64Array.from({ length: 3 * count }, () => rng.uniform());
  return { points, cells: buildNeighbourCells('test', points, radius) };
}

test('points of one cell are closer than the radius, and points farther than two cells apart are not', () => {
  const { points, cells } = randomCells(300);
  for (let i = 0; i < 300; i++) {
    for (let j = 0; j < i; j++) {
      const distance = Math.hypot(...[0, 1, 2].map((axis) => points[3 * i + axis] - points[3 * j + axis]));
      const steps = [0, 1, 2].map((axis) =>
        Math.abs(
          cells.coordinates[3 * cells.cellOf[i] + axis] - cells.coordinates[3 * cells.cellOf[j] + axis],
        ),
      );
      if (Math.max(...steps) === 0) expect(distance).toBeLessThan(radius);
      if (Math.max(...steps) > 2) expect(distance).toBeGreaterThanOrEqual(radius);
    }
  }
});

test.each([1, 2])(
  'forEachNeighbourhood finds all occupied cells within %i, each once, itself among them',
  (reach) => {
    const { cells } = randomCells(200);
    const visited: number[] = [];
    forEachNeighbourhood(cells, reach, (cell, around, aroundCount) => {
      visited.push(cell);
      const expected: number[] = [];
      for (let other = 0; other < cells.cellCount; other++) {
        const steps = [0, 1, 2].map((axis) =>
          Math.abs(cells.coordinates[3 * cell + axis] - cells.coordinates[3 * other + axis]),
        );
        if (Math.max(...steps) <= reach) expected.push(other);
      }
      expect([...around.subarray(0, aroundCount)]).toEqual(expected);
    });
    expect(visited).toEqual(Array.from({ length: cells.cellCount }, (_, cell) => cell));
  },
);

test('densePoints counts up to exactly the wanted number', () => {
  const line = Float64Array.from([0, 0.1, 0.2, 0.3, 0.9].flatMap((x) => [x, 0, 0]));
  const dense = (count: number) => [...densePoints(buildNeighbourCells('test', line, 0.25), count)];
  expect(dense(1)).toEqual([1, 1, 1, 1, 1]);
  expect(dense(2)).toEqual([1, 1, 1, 1, 0]);
  expect(dense(3)).toEqual([1, 1, 1, 1, 0]);
  expect(dense(4)).toEqual([0, 1, 1, 0, 0]);
  expect(dense(5)).toEqual([0, 0, 0, 0, 0]);
});
