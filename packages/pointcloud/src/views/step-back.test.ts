import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { boundingBox } from './box.js';
import { eyeOf, fitCamera } from './camera.js';
import { projectPoints } from './project-points.js';
import { stepBack } from './step-back.js';

const rng = createRng('step-back');
const points = Float64Array.from({ length: 300 }, () => rng.uniform(-0.5, 0.5));
const camera = fitCamera(boundingBox(points), { width: 64 });

test('goes back step by step until it sees all points, and no further', () => {
  const step = 0.01;
  const steps = Math.round((eyeOf(stepBack(camera, points, { step }))[2] - eyeOf(camera)[2]) / step);
  const outsideAfter = (count: number) => {
    const extrinsic = camera.extrinsic.slice();
    extrinsic[11] += count * step;
    const { u, v } = projectPoints(points, { ...camera, extrinsic });
    return [...u, ...v].filter((value) => !(value >= -0.5 && value < 63.5)).length;
  };
  expect(steps).toBeGreaterThan(5);
  expect(outsideAfter(steps)).toBe(0);
  expect(outsideAfter(steps - 1)).toBeGreaterThan(0);
});

test('makes one step even when all points are seen, unless it need not', () => {
  const inside = points.map((value) => value / 10);
  expect(eyeOf(stepBack(camera, inside))[2]).toBeCloseTo(eyeOf(camera)[2] + 0.005, 12);
  expect(stepBack(camera, inside, { minimumSteps: 0 })).toEqual(camera);
  expect(eyeOf(stepBack(camera, new Float32Array(0), { step: 1, minimumSteps: 3 }))[2]).toBeCloseTo(
    eyeOf(camera)[2] + 3,
    12,
  );
});

test('sees points that were behind it', () => {
  const behind = Float32Array.of(0, 0, 5);
  const { depth } = projectPoints(behind, stepBack(camera, behind, { step: 0.25 }));
  expect(depth[0]).toBeGreaterThanOrEqual(camera.near);
});

test('comes to an end where a step is lost in the rounding', () => {
  const wide = Float64Array.of(1e17, 1e17, 0, -1e17, 0, 0);
  const { u, v } = projectPoints(wide, stepBack(camera, wide));
  for (const value of [...u, ...v]) expect(value >= -0.5 && value < 63.5).toBe(true);
});

test('refuses steps that lead nowhere', () => {
  expect(() => stepBack(camera, points, { step: 0 })).toThrow(ArgumentError);
  expect(() => stepBack(camera, points, { minimumSteps: -1 })).toThrow(ArgumentError);
  expect(() => stepBack({ ...camera, centreX: -1 }, points)).toThrow('principal point');
});
