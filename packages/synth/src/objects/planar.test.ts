import { expect, test } from 'vitest';
import { box, disc, polylineDistance, roundedEdge, smoothstep, smoothUnion } from './planar.js';

test('a disc is positive inside by the distance to its circle', () => {
  expect(disc(3, 4, 7)).toBe(2);
  expect(disc(3, 4, 4)).toBe(-1);
});

test('a box measures to its nearest side inside and to its nearest corner outside', () => {
  expect(box(1, 0, 4, 2)).toBe(2);
  expect(box(3.5, 0, 4, 2)).toBe(0.5);
  expect(box(-7, -6, 4, 2)).toBe(-5);
});

test('a rounded box loses its corners and keeps its sides', () => {
  expect(box(4, 0, 4, 2, 1)).toBeCloseTo(0, 12);
  expect(box(0, 2, 4, 2, 1)).toBeCloseTo(0, 12);
  // The corner circle has its centre at (3, 1) and radius 1.
  expect(box(3 + 3, 1 + 4, 4, 2, 1)).toBeCloseTo(-4, 12);
  expect(box(4, 2, 4, 2, 1)).toBeCloseTo(1 - Math.SQRT2, 12);
});

test('the distance to a polyline equals that to the closest of many points on it', () => {
  const line = [0, 0, 4, 0, 4, 3, 1, 5];
  for (let k = 0; k < 50; k++) {
    const [x, y] = [((k * 37) % 90) / 10 - 2, ((k * 53) % 90) / 10 - 2];
    let expected = Number.POSITIVE_INFINITY;
    for (let segment = 0; segment < 3; segment++) {
      const [ax, ay, bx, by] = line.slice(2 * segment, 2 * segment + 4);
      for (let t = 0; t <= 1; t += 1 / 2048) {
        expected = Math.min(expected, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
      }
    }
    expect(polylineDistance(x, y, line)).toBeCloseTo(expected, 3);
  }
});

test('a polyline of equal points is a point, and one of fewer than two points is nowhere', () => {
  expect(polylineDistance(4, 5, [1, 1, 1, 1])).toBe(5);
  expect(polylineDistance(4, 5, [1, 1])).toBe(Number.POSITIVE_INFINITY);
});

test('a smooth union is the maximum away from the seam and a quarter of the blend above it there', () => {
  expect(smoothUnion(3, 1, 2)).toBe(3);
  expect(smoothUnion(1, 1, 2)).toBe(1.5);
});

test('smoothstep runs from 0 to 1, also downwards', () => {
  expect([1, 2, 3, 4, 5].map((x) => smoothstep(2, 4, x))).toEqual([0, 0, 0.5, 1, 1]);
  expect([1, 2, 3, 4, 5].map((x) => smoothstep(4, 2, x))).toEqual([1, 1, 0.5, 0, 0]);
});

test('a rounded edge is a quarter of a circle', () => {
  expect(roundedEdge(-1, 5)).toBe(0);
  expect(roundedEdge(1, 5)).toBeCloseTo(0.6, 12); // 3² + 4² = 5²: 4 from the middle, 3 up
  expect(roundedEdge(5, 5)).toBe(1);
});
