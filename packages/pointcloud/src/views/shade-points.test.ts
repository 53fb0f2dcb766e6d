import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test } from 'vitest';
import { lookAt } from './camera.js';
import { type Lighting, viewerLighting } from './lighting.js';
import { pointadExample } from './pointad-example.fixture.js';
import { shadePoints } from './shade-points.js';

describe("the visualiser's four lights", () => {
  // `pointad.md` 11.2
  test.each([
    ['fifth', 4, [0, 0, 1], 235],
    ['fifth, seen from behind', 4, [0, 0, -1], 235],
    ['first', 0, [1, 0, 1], 187],
    ['fourth', 3, [0, 1, 0.2], 77],
    ['fourth, edge-on', 3, [0, 1, 0], 77],
  ])('give the %s point of the self-check its grey', (_, point, normal, grey) => {
    const { positions, box, camera } = pointadExample();
    const length = Math.hypot(...normal);
    const unit = Float64Array.from(normal, (component) => component / length);
    const position = positions.subarray(3 * point, 3 * point + 3);
    expect([...shadePoints(position, unit, viewerLighting(camera, box))]).toEqual([grey]);
  });

  test('stand where the camera is, whichever way it looks', () => {
    const box = { low: [-1, -1, -1], high: [1, 1, 1] } as const;
    const { eye, lights } = viewerLighting(lookAt([7, 0, 0], [0, 0, 0]), box);
    expect(eye[0]).toBeCloseTo(7, 12);
    expect(lights.map(({ position }) => Math.round(position[0]))).toEqual([4, -4]);
  });

  test('are as bright and as far away as they are told to be', () => {
    const box = { low: [-1, -1, -1], high: [1, 1, 1] } as const;
    const options = { diffuse: 0.5, specular: 0, shininess: 3, ambient: 0.1, distance: 1 };
    const lighting = viewerLighting(lookAt([0, 0, 5], [0, 0, 0]), box, options);
    expect(lighting.lights[0]).toMatchObject({ position: [0, 0, 2], diffuse: 1, specular: 0 });
    expect([lighting.ambient, lighting.shininess]).toEqual([0.1, 3]);
    expect(() => viewerLighting(lookAt([0, 0, 5], [0, 0, 0]), box, { diffuse: -1 })).toThrow(ArgumentError);
    expect(() => viewerLighting(lookAt([0, 0, 5], [0, 0, 0]), box, { shininess: Number.NaN })).toThrow(
      ArgumentError,
    );
  });
});

describe('shadePoints', () => {
  /** One light above the origin, the eye at 45° to it. */
  const lighting: Lighting = {
    eye: [4, 0, 4],
    lights: [{ position: [0, 0, 9], diffuse: 0.8, specular: 0.5 }],
    ambient: 0.1,
    shininess: 2,
  };
  const origin = Float32Array.of(0, 0, 0);

  test('adds ambient, matt and shining light', () => {
    // n·l = 1; the mirrored light goes straight up, at 45° to the eye: cos² = 1/2.
    const grey = 0.5 * (0.1 + 0.8) + 0.5 * 0.5;
    expect([...shadePoints(origin, Float32Array.of(0, 0, 1), lighting, 0.5)]).toEqual([
      Math.round(255 * grey),
    ]);
  });

  test('colours the matt part only', () => {
    const base = Uint8Array.of(255, 51, 0);
    const expected = [0.9 + 0.25, 0.2 * 0.9 + 0.25, 0.25].map((value) =>
      Math.round(255 * Math.min(1, value)),
    );
    expect([...shadePoints(origin, Float32Array.of(0, 0, 1), lighting, base)]).toEqual(expected);
  });

  test('the sign of no normal matters', () => {
    const rng = createRng('shade');
    const positions = Float64Array.from({ length: 3000 }, () => rng.normal());
    const normals = Float64Array.from({ length: 3000 }, () => rng.normal());
    for (let i = 0; i < normals.length; i += 3) {
      const length = Math.hypot(...normals.subarray(i, i + 3));
      for (let axis = i; axis < i + 3; axis++) normals[axis] /= length;
    }
    const flipped = normals.map((value) => -value);
    expect(shadePoints(positions, flipped, lighting)).toEqual(shadePoints(positions, normals, lighting));
  });

  test('a point at the eye or at a light is no number that is not one', () => {
    const at = Float32Array.of(4, 0, 4, 0, 0, 9);
    const greys = shadePoints(at, Float32Array.of(0, 0, 1, 0, 0, 1), { ...lighting, ambient: 1 }, 0.4);
    expect(greys[1]).toBe(102);
    expect(greys[0]).toBeGreaterThanOrEqual(102);
  });

  test('no points have no shades', () => {
    expect(shadePoints(new Float32Array(0), new Float32Array(0), lighting)).toHaveLength(0);
  });

  test('refuses arrays that disagree and greys that are none', () => {
    expect(() => shadePoints(origin, new Float32Array(6), lighting)).toThrow(ShapeError);
    expect(() => shadePoints(origin, origin, lighting, new Uint8Array(4))).toThrow(ShapeError);
    expect(() => shadePoints(origin, origin, lighting, 1.5)).toThrow(ArgumentError);
    expect(() => shadePoints(Float32Array.of(0, 0, Infinity), origin, lighting)).toThrow(ArgumentError);
  });
});
