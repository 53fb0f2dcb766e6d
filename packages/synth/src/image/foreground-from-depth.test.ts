import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { scanObject } from '../objects/index.js';
import { cornerPlaneForeground, measuredForeground } from './foreground-from-depth.js';

const cloud = (values: number[], height: number, width: number) => ({
  xyz: ndarray(Float32Array.from(values), [height, width, 3]),
});

test('a pixel is measured when its three coordinates are finite and not 0', () => {
  const mask = measuredForeground(
    cloud([1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, Number.NaN, 1, 1, -1, 2, 3], 2, 3),
  );
  expect([...mask.data]).toEqual([1, 0, 0, 0, 0, 1]);
});

test('the corner plane leaves the part of a scan that stands on the support', () => {
  const options = { height: 96, width: 96, flyingPoints: 0 };
  const scan = scanObject('soap_bar', createRng(3), options);
  const alone = scanObject('soap_bar', createRng(3), { ...options, supportPlane: false });
  const mask = cornerPlaneForeground(scan.organised);
  const object = measuredForeground(alone.organised);
  let [both, either] = [0, 0];
  mask.data.forEach((value, pixel) => {
    both += value & object.data[pixel];
    either += value | object.data[pixel];
  });
  expect(both / either).toBeGreaterThan(0.85);
});

test('without a plane everything that was measured is foreground', () => {
  const corner = cloud(new Array(48).fill(0), 4, 4);
  corner.xyz.set(3, 3, 0, 1);
  corner.xyz.set(3, 3, 1, 1);
  corner.xyz.set(3, 3, 2, 1);
  expect(cornerPlaneForeground(corner).data.reduce((sum, value) => sum + value, 0)).toBe(1);
  expect(cornerPlaneForeground(cloud([1, 1, 1], 1, 1)).data).toEqual(Uint8Array.of(1));
});

test('clouds without a grid and a NaN distance are refused', () => {
  expect(() => measuredForeground({ xyz: ndarray(new Float32Array(6), [2, 3]) })).toThrow(ShapeError);
  expect(() => cornerPlaneForeground(cloud([], 0, 3))).toThrow(ShapeError);
  expect(() => cornerPlaneForeground(cloud([1, 1, 1], 1, 1), { planeDistance: Number.NaN })).toThrow(
    ArgumentError,
  );
});
