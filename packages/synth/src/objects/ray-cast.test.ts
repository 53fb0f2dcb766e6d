import { expect, test } from 'vitest';
import type { ObjectModel } from './object-model.js';
import { firstHit, passesBeside, type Ray, sees } from './ray-cast.js';
import { rasterise } from './relief.js';

const model = (height: (u: number, v: number) => number): ObjectModel => ({
  reach: 0.03,
  top: 0.03,
  turn: 0,
  gloss: 0,
  flesh: [1, 1, 1],
  height,
  paint: (out) => out.fill(0.5),
});

/** A ray from 0.4 m above through (u, v) on the support. */
const rayTo = (u: number, v: number, from: readonly number[] = [0.05, -0.02, 0.4]): Ray => ({
  u: from[0],
  v: from[1],
  w: from[2],
  du: u - from[0],
  dv: v - from[1],
  dw: -from[2],
});

test('a ray meets an inclined plane where the two equations say', () => {
  const relief = rasterise(
    model((u, v) => 0.015 + 0.3 * u - 0.2 * v),
    0.0005,
  );
  for (const [u, v] of [
    [0, 0],
    [0.011, 0.004],
    [-0.013, -0.009],
  ]) {
    const ray = rayTo(u, v);
    // 0.4 − 0.4 s = 0.015 + 0.3 (u₀ + s du) − 0.2 (v₀ + s dv)
    const expected = (ray.w - 0.015 - 0.3 * ray.u + 0.2 * ray.v) / (0.3 * ray.du - 0.2 * ray.dv - ray.dw);
    expect(firstHit(relief, ray)).toBeCloseTo(expected, 7);
  }
});

test('a ray that meets nothing ends on the support', () => {
  const relief = rasterise(
    model((u) => (u > 0.01 ? 0.02 : 0)),
    0.0005,
  );
  expect(firstHit(relief, rayTo(0.2, 0.2))).toBeCloseTo(1, 12);
  expect(firstHit(relief, rayTo(-0.01, 0, [-0.05, 0, 0.4]))).toBeCloseTo(1, 12);
});

test('the nearer of two walls hides the farther', () => {
  const relief = rasterise(
    model((u) => (Math.abs(Math.abs(u) - 0.01) < 0.002 ? 0.02 : 0)),
    0.0005,
  );
  // From the right, so flat that the ray would pass the left wall's top only after the right wall.
  const ray = rayTo(-0.012, 0, [0.2, 0, 0.18]);
  const s = firstHit(relief, ray);
  expect(ray.u + s * ray.du).toBeGreaterThan(0.0115);
  expect(ray.u + s * ray.du).toBeLessThan(0.013);
});

test('a wall hides the support behind it and nothing on the near side', () => {
  const relief = rasterise(
    model((u) => (Math.abs(u) < 0.002 ? 0.02 : 0)),
    0.0005,
  );
  const lamp = [0.1, 0, 0.4];
  expect(sees(relief, [0.006, 0, 1e-4], lamp)).toBe(true);
  expect(sees(relief, [-0.004, 0, 1e-4], lamp)).toBe(false);
  expect(sees(relief, [-0.015, 0, 1e-4], lamp)).toBe(true); // the shadow is about 5 mm long
});

test('a ray passes beside a box only when it stays on one side of it', () => {
  const box = { minU: -1, maxU: 1, minV: -1, maxV: 1 };
  const ray = { u: -3, v: 2, w: 1, du: 6, dv: 0, dw: -1 };
  expect(passesBeside(box, 0, ray, 0, 1)).toBe(true);
  expect(passesBeside(box, 1.5, ray, 0, 1)).toBe(false);
  expect(passesBeside(box, 0, { ...ray, v: 0.5 }, 0, 1)).toBe(false);
  expect(passesBeside(box, 0, { ...ray, v: 0.5 }, 0.7, 1)).toBe(true);
});
