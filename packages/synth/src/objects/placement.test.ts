import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import type { ObjectModel } from './object-model.js';
import { drawCentre, drawPath, surfaceNodes } from './placement.js';
import { rasterise } from './relief.js';

/** A high square with a low step around it. */
const step: ObjectModel = {
  reach: 0.045,
  top: 0.01,
  turn: 0,
  gloss: 0,
  flesh: [1, 1, 1],
  height: (u, v) => (Math.max(Math.abs(u), Math.abs(v)) < 0.02 ? 0.01 : 0.005),
  paint: (out) => out.fill(0.5),
};
const relief = rasterise(step, 0.0005);
const surface = surfaceNodes(relief);
const fromMiddle = (x: number, y: number) => Math.max(Math.abs(x - relief.half), Math.abs(y - relief.half));

test('the surface leaves out what the removal of the support would take', () => {
  expect(surface.length * 0.0005 ** 2).toBeCloseTo(0.04 * 0.04, 4);
  for (const node of surface) expect(relief.heights[node]).toBeGreaterThan(0.006);
});

test('a centre has surface all around it where there is room', () => {
  for (let seed = 0; seed < 20; seed++) {
    const node = drawCentre(relief, surface, 0.008, createRng(seed));
    const [x, y] = [(node % relief.size) * relief.pitch, Math.floor(node / relief.size) * relief.pitch];
    expect(fromMiddle(x, y)).toBeLessThan(0.0125);
  }
});

test('a path has the length asked for, its pieces, and lies on the surface', () => {
  for (let seed = 0; seed < 20; seed++) {
    const path = drawPath(relief, surface, { length: 0.02, bends: 5, jitter: 0 }, createRng(seed));
    expect(path).toHaveLength(12);
    expect(Math.hypot(path[10] - path[0], path[11] - path[1])).toBeCloseTo(0.02, 9);
    for (let k = 0; k < 12; k += 2) expect(fromMiddle(path[k], path[k + 1])).toBeLessThan(0.0205);
  }
});

test('bends leave the straight line by at most the jitter', () => {
  const path = drawPath(relief, surface, { length: 0.02, bends: 7, jitter: 0.1 }, createRng(1));
  const [dx, dy] = [path[14] - path[0], path[15] - path[1]];
  const asides = Array.from({ length: 8 }, (_, k) =>
    Math.abs(((path[2 * k] - path[0]) * dy - (path[2 * k + 1] - path[1]) * dx) / 0.02),
  );
  expect(Math.max(...asides)).toBeLessThan(0.002);
  expect(Math.max(...asides)).toBeGreaterThan(0.0002);
});
