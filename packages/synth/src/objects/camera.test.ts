import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { dot, drawPose, sensorCamera } from './camera.js';

test('the field of view is 15.4 cm at the stand-off, along the shorter side', () => {
  const { fx, fy, cx, cy } = sensorCamera(100, 200);
  expect((100 / fx) * 0.4).toBeCloseTo(0.154, 3);
  expect(fx).toBe(fy);
  expect([cx, cy]).toEqual([99.5, 49.5]);
});

test('a pose is a rotation: orthonormal and right-handed, its w axis towards the camera', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { uAxis, vAxis, wAxis, position } = drawPose(createRng(seed), Math.PI);
    for (const axis of [uAxis, vAxis, wAxis]) expect(dot(axis, axis)).toBeCloseTo(1, 9);
    expect(dot(uAxis, vAxis)).toBeCloseTo(0, 9);
    expect(dot(uAxis, wAxis)).toBeCloseTo(0, 9);
    expect(dot(vAxis, wAxis)).toBeCloseTo(0, 9);
    const triple =
      wAxis[0] * (uAxis[1] * vAxis[2] - uAxis[2] * vAxis[1]) +
      wAxis[1] * (uAxis[2] * vAxis[0] - uAxis[0] * vAxis[2]) +
      wAxis[2] * (uAxis[0] * vAxis[1] - uAxis[1] * vAxis[0]);
    expect(triple).toBeCloseTo(1, 9);
    expect(wAxis[2]).toBeLessThan(-0.99);
    expect(position[2]).toBeGreaterThanOrEqual(0.39);
    expect(position[2]).toBeLessThan(0.41);
  }
});

test('without turn u points right and v up in the image', () => {
  const { uAxis, vAxis } = drawPose(createRng(7), 0);
  expect(uAxis[0]).toBeGreaterThan(0.99);
  expect(vAxis[1]).toBeLessThan(-0.99);
});

test('the turn stays within its limit', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { uAxis } = drawPose(createRng(seed), 0.2);
    expect(Math.abs(Math.atan2(-uAxis[1], uAxis[0]))).toBeLessThan(0.21);
  }
});
