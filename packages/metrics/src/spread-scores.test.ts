import { expect, test } from 'vitest';
import { spreadScores } from './spread-scores.js';

test('every point takes the score of the nearest scored point, the lower index of two equally near', () => {
  const scored = Float32Array.of(0, 0, 0, 2, 0, 0, 10, 0, 0);
  const all = Float32Array.of(-5, 0, 0, 0.9, 0, 0, 1, 0, 0, 1.1, 0, 0, 7, 3, 0);
  expect(spreadScores(all, scored, Float64Array.of(0.1, 0.2, 0.3))).toEqual(
    Float64Array.of(0.1, 0.1, 0.1, 0.2, 0.3),
  );
});

test('spreading refuses to invent a score, and keeps an empty cloud empty', () => {
  expect(() => spreadScores(new Float32Array(3), new Float32Array(0), new Float32Array(0))).toThrow(
    /at least one scored point/,
  );
  expect(() => spreadScores(new Float32Array(4), new Float32Array(3), new Float32Array(1))).toThrow(
    /coordinates/,
  );
  expect(spreadScores(new Float32Array(0), new Float32Array(0), new Float32Array(0))).toHaveLength(0);
});
