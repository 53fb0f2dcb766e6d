import { ArgumentError } from '@anomclip/core';
import { describe, expect, test } from 'vitest';
import { rotationX } from '../rotations.js';
import { removeOccluded } from './remove-occluded.js';

/** Two plates of 30 × 30 points facing a sensor that looks along +z, one 0.5 behind the other; the rear is labelled. */
function plates() {
  const positions: number[] = [];
  for (const z of [1, 1.5]) {
    for (let i = 0; i < 900; i++) positions.push((i % 30) / 30 - 0.5, Math.floor(i / 30) / 30 - 0.5, z);
  }
  const labels = Uint8Array.from({ length: 1800 }, (_, i) => Number(i >= 900));
  return {
    positions: Float32Array.from(positions),
    foreground: new Uint8Array(1800).fill(1),
    labels,
    targets: labels.slice(),
  };
}

const front = { rotation: rotationX(0) };
const back = { rotation: rotationX(Math.PI) };
const options = { window: 100, pointSize: 5 };
const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);

describe('removeOccluded', () => {
  test('keeps the front plate and removes what it hides, whatever its labels', () => {
    const { labels: _, ...unlabelled } = plates();
    const { cloud, pose } = removeOccluded(unlabelled, front, options);
    expect(pose).toBe(front);
    expect(count(cloud.foreground.subarray(0, 900))).toBe(900);
    expect(count(cloud.foreground.subarray(900))).toBe(0);
    expect(cloud.positions.subarray(2700).every((value) => value === 0)).toBe(true);
    expect(cloud.positions.subarray(0, 2700)).toEqual(plates().positions.subarray(0, 2700));
    expect(count(cloud.targets ?? new Uint8Array(0))).toBe(0);
  });

  test('of several poses the first is taken that leaves anomalous points', () => {
    const { cloud, pose } = removeOccluded(plates(), [front, back], options);
    expect(pose).toBe(back);
    expect(cloud.labels).toEqual(plates().labels);
    expect(count(cloud.foreground.subarray(900))).toBe(900);
    // Perspective: the rear plate is the larger one, seen from its side.
    expect(count(cloud.foreground.subarray(0, 900))).toBe(0);
    expect(() => removeOccluded(plates(), front, options)).toThrow(ArgumentError);
  });

  test('neighbours on a slanted surface do not hide each other', () => {
    const slanted = plates();
    slanted.positions.forEach((_, i) => {
      if (i % 3 === 2) slanted.positions[i] = 1 + 0.5 * slanted.positions[i - 1];
    });
    const { cloud } = removeOccluded(slanted, front, { ...options, tolerance: 0.05 });
    expect(count(cloud.foreground)).toBe(1800);
  });

  test('an empty cloud stays empty, a single point is seen', () => {
    const none = { positions: new Float32Array(0), foreground: new Uint8Array(0) };
    expect(removeOccluded(none, front).cloud.foreground).toHaveLength(0);
    const one = { positions: Float32Array.of(1, 2, 3), foreground: Uint8Array.of(1) };
    expect([...removeOccluded(one, front).cloud.foreground]).toEqual([1]);
  });

  test('refuses no poses and a tolerance that is none', () => {
    expect(() => removeOccluded(plates(), [])).toThrow(ArgumentError);
    expect(() => removeOccluded(plates(), front, { tolerance: 1 })).toThrow(ArgumentError);
  });
});
