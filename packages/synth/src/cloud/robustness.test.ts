import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test } from 'vitest';
import { cloudOf, plate, sphere } from './clouds.fixture.js';
import { jitterPoints } from './jitter-points.js';
import { occludePoints } from './occlude-points.js';
import { thinPoints } from './thin-points.js';

const cloud = sphere(4000);
const nan = Number.NaN;

describe('jitter', () => {
  test('has the standard deviation asked for, and outliers within their distance', () => {
    const { cloud: after, outliers } = jitterPoints(cloud, createRng(1), {
      standardDeviation: 0.01,
      outliers: 0.1,
    });
    const moves = Array.from(contiguous(after.positions), (value, i) => value - cloud.positions.data[i]);
    const of = (kind: number) => moves.filter((_, i) => outliers[Math.floor(i / 3)] === kind);
    const deviation = (values: number[]) =>
      Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    expect(deviation(of(0)) / 0.01).toBeCloseTo(1, 1);
    expect(deviation(of(1))).toBeCloseTo(0.5 / Math.sqrt(3), 1);
    expect(Math.max(...of(1).map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(outliers.reduce((a, b) => a + b, 0) / 4000).toBeCloseTo(0.1, 1);
    expect(after.labels).toBe(cloud.labels);
  });

  test("of a point does not depend on the others' and stays away from points that are not finite", () => {
    const options = { standardDeviation: 0.1 };
    const both = jitterPoints(cloudOf([1, 1, 1, nan, 0, 0, 2, 2, 2]), createRng(2), options).cloud.positions;
    const other = jitterPoints(cloudOf([9, 9, 9, 5, 5, 5, 2, 2, 2]), createRng(2), options).cloud.positions;
    expect(both.get(2, 1)).toBe(other.get(2, 1));
    expect(both.get(1, 0)).toBeNaN();
    expect(jitterPoints(cloudOf([]), createRng(1), options).outliers).toHaveLength(0);
    expect(() => jitterPoints(cloud, createRng(1), { standardDeviation: nan })).toThrow(ArgumentError);
    expect(() => jitterPoints(cloud, createRng(1), { standardDeviation: 1, outliers: 2 })).toThrow(
      ArgumentError,
    );
  });
});

describe('thinning', () => {
  test('keeps the share asked for, with everything that belongs to the points', () => {
    const { cloud: part, kept } = thinPoints(cloud, createRng(3), { keep: 0.3 });
    expect(kept.length / 4000).toBeCloseTo(0.3, 1);
    expect([...(part.labels ?? [])]).toEqual([...kept]);
    for (let i = 0; i < kept.length; i += 100) {
      expect(part.positions.get(i, 1)).toBe(cloud.positions.get(kept[i], 1));
      expect(part.normals?.get(i, 2)).toBe(cloud.normals?.get(kept[i], 2));
    }
  });

  test('by gradient loses more and more; in a patch only near one point', () => {
    const gradient = thinPoints(cloud, createRng(4), { keep: 0.1, pattern: 'gradient' });
    expect(gradient.kept.length / 4000).toBeCloseTo(0.55, 1); // mean of 0.1 and 1 on a sphere
    const patch = thinPoints(cloud, createRng(4), { keep: 0.01, pattern: 'patch' });
    expect(patch.kept.length / 4000).toBeGreaterThan(0.9);
    expect(patch.kept.length / 4000).toBeLessThan(0.96); // a cap of a quarter of the diameter: 1/16
  });

  test('never leaves an empty cloud unless it was one', () => {
    for (const triples of [
      [1, 2, 3],
      [1, 2, 3, nan, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]) {
      for (const pattern of ['uniform', 'gradient', 'patch'] as const) {
        expect(thinPoints(cloudOf(triples), createRng(5), { keep: 1e-9, pattern }).kept.length).toBe(1);
      }
    }
    expect(thinPoints(cloudOf([]), createRng(5)).kept).toHaveLength(0);
    expect(thinPoints(cloudOf([nan, 0, 0]), createRng(5)).cloud.positions.shape).toEqual([0, 3]);
    expect(() => thinPoints(cloud, createRng(5), { keep: 0 })).toThrow(ArgumentError);
    expect(() => thinPoints(cloud, createRng(5), { pattern: 'toString' as 'patch' })).toThrow(ArgumentError);
  });
});

describe('occlusion', () => {
  test('of a sphere leaves about the half that faces the sensor', () => {
    const { kept } = occludePoints(cloud, createRng(6), { towardsSensor: [0, 0, 2], cellSize: 0.15 });
    const z = Array.from(kept, (i) => cloud.positions.get(i, 2));
    expect(kept.length / 4000).toBeGreaterThan(0.45);
    expect(kept.length / 4000).toBeLessThan(0.65);
    expect(z.filter((value) => value < -0.4)).toHaveLength(0);
    const front = Array.from({ length: 4000 }, (_, i) => cloud.positions.get(i, 2)).filter(
      (value) => value > 0.4,
    );
    expect(z.filter((value) => value > 0.4)).toHaveLength(front.length);
  });

  test('of a plate seen from above hides nothing; a given visibility decides alone', () => {
    const flat = plate(500);
    expect(occludePoints(flat, createRng(7), { towardsSensor: [0, 0, 1] }).kept).toHaveLength(500);
    const visible = Uint8Array.from({ length: 500 }, (_, i) => Number(i === 7));
    expect([...occludePoints(flat, createRng(7), { visible }).kept]).toEqual([7]);
  });

  test('takes clouds of 0, 1 and 2 points and refuses what cannot work', () => {
    expect(occludePoints(cloudOf([]), createRng(8)).kept).toHaveLength(0);
    expect(occludePoints(cloudOf([1, 2, 3]), createRng(8)).kept).toHaveLength(1);
    const line = cloudOf([0, 0, 0, 0, 0, 5, nan, 0, 0]);
    expect([...occludePoints(line, createRng(8), { towardsSensor: [0, 0, 1] }).kept]).toEqual([1]);
    expect(() => occludePoints(cloud, createRng(8), { towardsSensor: [0, 0, 0] })).toThrow(ArgumentError);
    expect(() => occludePoints(cloud, createRng(8), { cellSize: nan })).toThrow(ArgumentError);
    expect(() => occludePoints(cloud, createRng(8), { visible: new Uint8Array(3) })).toThrow(ShapeError);
  });

  test('draws the direction from the stream', () => {
    const kept = (seed: number) => occludePoints(cloud, createRng(seed)).kept;
    expect(kept(1)).toEqual(kept(1));
    expect(kept(1)).not.toEqual(kept(2));
  });
});
