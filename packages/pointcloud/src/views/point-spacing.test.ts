import { expect, test } from 'vitest';
import { lookAt } from './camera.js';
import { adaptivePointSizes, pointSpacing } from './point-spacing.js';
import { projectPoints } from './project-points.js';

/** A square grid of 5 × 5 points, 0.1 apart, and one far away. */
const points = Float64Array.from(
  [...Array(25).keys()].flatMap((i) => [(i % 5) * 0.1, Math.floor(i / 5) * 0.1, 0]).concat([9, 9, 9]),
);

test('is the mean distance to four neighbours, at most three medians', () => {
  const spacing = pointSpacing(points);
  expect(spacing[12]).toBeCloseTo(0.1, 12);
  expect(spacing[0]).toBeCloseTo((0.2 + 0.1 * Math.SQRT2 + 0.2) / 4, 12); // a corner
  const median = [...spacing].sort((a, b) => a - b)[13];
  expect(spacing[25]).toBeCloseTo(3 * median, 12);
});

test('of one point and of none is 0 and nothing; of duplicates 0', () => {
  expect([...pointSpacing(Float32Array.of(1, 2, 3))]).toEqual([0]);
  expect(pointSpacing(new Float32Array(0))).toHaveLength(0);
  expect([...pointSpacing(new Float32Array(9))]).toEqual([0, 0, 0]);
});

test('makes squares of one and a half spacings, larger nearby and never too small', () => {
  const camera = lookAt([0, 0, 2], [0, 0, 0], { width: 100 });
  const projection = projectPoints(Float32Array.of(0, 0, 0, 0, 0, 1, 0, 0, 3), camera);
  const sizes = adaptivePointSizes(Float64Array.of(0.1, 0.1, 0.1), projection, camera, 4);
  const nearby = 1.5 * camera.focal * 0.1;
  expect([...sizes]).toEqual([Math.ceil(nearby / 2), Math.ceil(nearby), Math.ceil(nearby / 0.02)]);
  expect([...adaptivePointSizes(Float64Array.of(0, 0, 0), projection, camera, 4)]).toEqual([4, 4, 4]);
});
