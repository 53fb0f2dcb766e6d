import { expect, test } from 'vitest';
import type { ObjectModel } from './object-model.js';
import { appearanceAt, changedBox, heightAt, type Relief, rasterise } from './relief.js';

/** A disc with an inclined top, coloured by place. */
const ramp: ObjectModel = {
  reach: 0.02,
  top: 0.02,
  turn: 0,
  gloss: 0,
  flesh: [1, 1, 1],
  height: (u, v) => (u * u + v * v < 0.02 * 0.02 ? 0.01 + 0.2 * u - 0.1 * v : -1),
  paint(out, u, v, w) {
    out[0] = 0.5 + 10 * u;
    out[1] = 0.5 + 10 * v;
    out[2] = 10 * w;
  },
};

test('a rasterised plane is the plane between the nodes too, heights and colours', () => {
  const relief = rasterise(ramp, 0.0007);
  const look = new Float64Array(4);
  for (const [u, v] of [
    [0, 0],
    [0.00311, -0.00752],
    [-0.0101, 0.0033],
  ]) {
    expect(heightAt(relief, u, v)).toBeCloseTo(0.01 + 0.2 * u - 0.1 * v, 8);
    appearanceAt(relief, u, v, look);
    expect(look[0]).toBeCloseTo(0.5 + 10 * u, 6);
    expect(look[1]).toBeCloseTo(0.5 + 10 * v, 6);
    expect(look[2]).toBeCloseTo(0.1 + 2 * u - v, 6);
  }
});

test('beside the object the height is 0, also far outside the square', () => {
  const relief = rasterise(ramp, 0.001);
  for (const [u, v] of [
    [0.0215, 0],
    [0, -0.0215],
    [5, 5],
    [-5, 0],
  ]) {
    expect(heightAt(relief, u, v)).toBe(0);
  }
  const look = new Float64Array(4);
  appearanceAt(relief, 5, 5, look);
  expect([...look]).toEqual([0, 0, 0, 1]);
});

test('the square holds the object, and the ceiling leaves room for defects', () => {
  const { half, bounds, ceiling, size, pitch } = rasterise(ramp, 0.001);
  expect(half).toBeGreaterThanOrEqual(0.02);
  expect(bounds).toEqual({ minU: -half, maxU: half, minV: -half, maxV: half });
  expect((size - 1) * pitch).toBeCloseTo(2 * half, 12);
  expect(ceiling).toBeCloseTo(0.026, 12);
});

test('the foot of a wall is darker than the middle of the top, and far away nothing is dark', () => {
  const relief = rasterise(ramp, 0.001);
  const openAt = (u: number, v: number) => {
    const look = new Float64Array(4);
    appearanceAt(relief, u, v, look);
    return look[3];
  };
  expect(openAt(0.0205, 0)).toBeLessThan(0.9);
  expect(openAt(0, 0)).toBeCloseTo(1, 3);
});

test('the changed box is the smallest rectangle around what changed', () => {
  const a = rasterise(ramp, 0.001);
  const b: Relief = { ...a, heights: a.heights.slice(), colours: a.colours.slice() };
  b.heights[7 * a.size + 12] += 1;
  b.colours[3 * (9 * a.size + 10) + 2] += 1;
  const { minU, maxU, minV, maxV } = changedBox(a, b);
  expect([minU, maxU, minV, maxV].map((x) => Math.round((x + a.half) / a.pitch))).toEqual([10, 12, 7, 9]);
  const none = changedBox(a, a);
  expect(none.minU).toBeGreaterThan(none.maxU);
});
