import { ArgumentError, ShapeError } from '@anomclip/core';
import { describe, expect, test } from 'vitest';
import { type PointLayout, smoothPoints } from './smooth-points.js';

const smooth = (
  scores: Float32Array,
  layout: PointLayout,
  pointSmoothing: Parameters<typeof smoothPoints>[2]['pointSmoothing'] = 'auto',
  sigma = 4,
) => smoothPoints(scores, layout, { pointSmoothing, smoothing: { sigma, fused: true } });

function impulse(at: number): Float32Array {
  const scores = new Float32Array(1600);
  scores[at] = 1;
  return scores;
}

describe('on the grid', () => {
  const grid = [40, 40] as const;

  test('an impulse spreads as printed (pointad.md 11.10)', () => {
    const smoothed = smooth(impulse(20 * 40 + 20), { grid });
    const at = (row: number, column: number) => smoothed[row * 40 + column];
    expect(at(20, 20)).toBeCloseTo(0.00994789, 7);
    expect(at(20, 24)).toBeCloseTo(0.0060337, 7);
    expect(at(20, 36)).toBeCloseTo(3.33714e-6, 10);
    expect(at(20, 37)).toBe(0);
    const corner = smooth(impulse(0), { grid });
    expect([corner[0], corner[5]].map((value) => +value.toFixed(7))).toEqual([0.0385767, 0.0153287]);
  });

  test('is the default where there is a grid, and nothing happens where there is none', () => {
    const scores = impulse(7);
    expect(smooth(scores, { grid })).toEqual(smooth(scores, { grid }, 'grid'));
    expect(smooth(scores, {})).toEqual(scores);
    expect(smooth(scores, {})).not.toBe(scores);
    expect(smooth(scores, { grid }, 'none')).toEqual(scores);
  });

  test('sigma 0 leaves scores as they are', () => {
    expect(smooth(impulse(7), { grid }, 'grid', 0)).toEqual(impulse(7));
  });

  test('the order of storage is taken for a grid as the released program does', () => {
    expect(smooth(impulse(7), {}, 'indexGrid')).toEqual(smooth(impulse(7), { grid }));
    expect(() => smooth(new Float32Array(8), {}, 'indexGrid')).toThrow('a square number of points');
  });

  test('a loose cloud has no grid', () => {
    expect(() => smooth(impulse(7), {}, 'grid')).toThrow(ArgumentError);
  });
});

describe('in space', () => {
  test('averages over the nearest points with their Gaussian weights', () => {
    // Distances from the first point 0, 1, 2: bandwidth 1.5.
    const positions = Float32Array.of(0, 0, 0, 1, 0, 0, -2, 0, 0);
    const [near, far] = [1, 2].map((distance) => Math.exp((-distance * distance) / (2 * 1.5 ** 2)));
    const [first] = smooth(Float32Array.of(0, 1, 0.5), { positions }, 'knn');
    expect(first).toBeCloseTo((near + 0.5 * far) / (1 + near + far), 6);
  });

  test('sixteen points count, the point itself among them', () => {
    const positions = Float32Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 1.1 ** (i / 3) : 0));
    const scores = new Float32Array(20);
    scores[16] = 1; // the first point's seventeenth nearest
    expect(smooth(scores, { positions }, 'knn')[0]).toBe(0);
    scores[15] = 1;
    expect(smooth(scores, { positions }, 'knn')[0]).toBeGreaterThan(0);
  });

  test('equal scores stay equal, wherever the points are', () => {
    const positions = Float32Array.from({ length: 300 }, (_, i) => Math.sin(12.9 * i));
    const smoothed = smooth(new Float32Array(100).fill(0.25), { positions }, 'knn');
    for (const score of smoothed) expect(score).toBeCloseTo(0.25, 6);
  });

  test('points at one place, a single point and none keep their scores', () => {
    expect([...smooth(Float32Array.of(0, 1), { positions: new Float32Array(6) }, 'knn')]).toEqual([0, 1]);
    expect([...smooth(Float32Array.of(1), { positions: new Float32Array(3) }, 'knn')]).toEqual([1]);
    expect(smooth(new Float32Array(0), { positions: new Float32Array(0) }, 'knn')).toHaveLength(0);
  });

  test('needs a position for every score', () => {
    expect(() => smooth(impulse(7), {}, 'knn')).toThrow('positions for knn');
    expect(() => smooth(impulse(7), { positions: new Float32Array(6) }, 'knn')).toThrow(ShapeError);
  });
});
