import { ArgumentError, type PointCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { scanObject } from '../objects/index.js';
import { cloudOf, plate, sphere } from './clouds.fixture.js';
import { cloudDefectKinds } from './defect-profiles.js';
import { plantDefect, plantDefectInScan } from './plant-defect.js';

const up = [0, 0, 1] as const;

/** Heights of the moved points of a plate, in radii. */
function moved(kind: (typeof cloudDefectKinds)[number], cloud: PointCloud, radius = 0.3) {
  const {
    cloud: after,
    mask,
    defect,
  } = plantDefect(cloud, kind, createRng(kind), { centre: 0, outwards: up, radius });
  const heights = Array.from({ length: mask.length }, (_, i) => after.positions.get(i, 2) / radius);
  return { heights: heights.filter((_, i) => mask[i] === 1), mask, after, defect };
}

test('the mask holds exactly the points that moved, and is never empty', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 2, max: 400 }),
      fc.constantFrom(...cloudDefectKinds),
      fc.boolean(),
      (seed, count, kind, withNormals) => {
        const { positions, normals } = sphere(count, seed);
        const cloud = withNormals ? { positions, normals } : { positions };
        const { cloud: after, mask, defect } = plantDefect(cloud, kind, createRng(seed));
        expect(mask[defect.centre]).toBe(1);
        for (let i = 0; i < 3 * count; i++) {
          if (mask[Math.floor(i / 3)] === 0) expect(after.positions.data[i]).toBe(positions.data[i]);
        }
        for (let i = 0; i < count; i++) {
          const same = [0, 1, 2].every((axis) => after.positions.get(i, axis) === positions.get(i, axis));
          expect(mask[i]).toBe(Number(!same));
        }
      },
    ),
    { seed: 9 },
  );
});

test('a bulge rises to 0.75 radii, a dent falls to 0.5, a hole to 0.8 with a flat bottom', () => {
  const cloud = plate(20_000);
  const bulge = moved('bulge', cloud).heights;
  expect(Math.min(...bulge)).toBeGreaterThan(0);
  expect(Math.max(...bulge)).toBeCloseTo(0.75, 2);
  const dent = moved('dent', cloud).heights;
  expect(Math.max(...dent)).toBeLessThan(0);
  expect(Math.min(...dent)).toBeCloseTo(-0.5, 2);
  const hole = moved('hole', cloud).heights;
  const bottom = hole.filter((height) => Math.abs(height + 0.8) < 1e-6);
  expect(bottom.length / hole.length).toBeCloseTo(0.64, 1); // 0.8² of the disc
});

test('cracks and cuts are thin lines two radii long, through the centre', () => {
  const cloud = plate(60_000);
  for (const [kind, width] of [
    ['crack', 0.14],
    ['cut', 0.2],
  ] as const) {
    const { mask, after, heights } = moved(kind, cloud, 0.5);
    expect(mask[0]).toBe(1);
    expect(Math.max(...heights)).toBeLessThan(0);
    const density = 60_000 / 4; // points per unit of area
    const area = heights.length / density;
    expect(area / (width * 0.5)).toBeGreaterThan(0.75); // a length of about 2·0.96 radii = 0.96
    expect(area / (width * 0.5)).toBeLessThan(1.2);
    const rows = Array.from(mask.keys()).filter((i) => mask[i] === 1);
    const reach = Math.max(
      ...rows.map((i) =>
        Math.hypot(
          after.positions.get(i, 0) - after.positions.get(0, 0),
          after.positions.get(i, 1) - after.positions.get(0, 1),
        ),
      ),
    );
    expect(reach).toBeGreaterThan(0.42);
    expect(reach).toBeLessThanOrEqual(0.5);
  }
});

test('normals of moved points are those of the new surface', () => {
  const { positions } = plate(4000);
  const normals = ndarray(
    Float32Array.from({ length: 12_000 }, (_, i) => Number(i % 3 === 2)),
    [4000, 3],
  );
  const { after, mask } = moved('bulge', { positions, normals });
  const [cx, cy] = [positions.get(0, 0), positions.get(0, 1)];
  for (let i = 0; i < 4000; i++) {
    const [u, v] = [(positions.get(i, 0) - cx) / 0.3, (positions.get(i, 1) - cy) / 0.3];
    // z = 0.75 (1 − u² − v²): the normal is along (1.5 u, 1.5 v, 1). The very rim is a kink.
    if (Math.abs(Math.hypot(u, v) - 1) < 0.002) continue;
    const expected = mask[i] === 1 ? [1.5 * u, 1.5 * v, 1] : [0, 0, 1];
    const length = Math.hypot(...expected);
    for (let axis = 0; axis < 3; axis++) {
      expect(after.normals?.get(i, axis)).toBeCloseTo(expected[axis] / length, 4);
    }
  }
});

test('with normals only the side that faces outwards moves', () => {
  const { positions: top } = plate(500);
  const both = new Float32Array(6 * 500);
  both.set(top.data);
  both.set(
    top.data.map((value, i) => (i % 3 === 2 ? -0.01 : value)),
    1500,
  );
  const normals = Float32Array.from({ length: 3000 }, (_, i) => (i % 3 < 2 ? 0 : i < 1500 ? 1 : -1));
  const sheet = { positions: ndarray(both, [1000, 3]), normals: ndarray(normals, [1000, 3]) };
  const { mask } = plantDefect(sheet, 'dent', createRng(1), { centre: 3, radius: 0.4 });
  expect(mask.subarray(0, 500)).toContain(1);
  expect(mask.subarray(500)).not.toContain(1);
});

test('without normals outwards is estimated: a bulge on a sphere rises, a dent falls', () => {
  const { positions } = sphere(3000);
  for (let seed = 0; seed < 5; seed++) {
    for (const [kind, sign] of [
      ['bulge', 1],
      ['dent', -1],
    ] as const) {
      const { cloud, defect } = plantDefect({ positions }, kind, createRng(seed), { radius: 0.3 });
      const centre = [0, 1, 2].map((axis) => cloud.positions.get(defect.centre, axis));
      expect(sign * (Math.hypot(...centre) - 1)).toBeGreaterThan(0.1);
    }
  }
});

test('a scan keeps its missing pixels, and a bulge comes towards the sensor', () => {
  const scan = scanObject('coaster', createRng(2), { height: 64, width: 64 });
  const { organised, mask, defect } = plantDefectInScan(scan.organised, 'bulge', createRng(2), {
    radius: 0.015,
  });
  const [before, after] = [contiguous(scan.organised.xyz), contiguous(organised.xyz)];
  expect(mask.shape).toEqual([64, 64]);
  expect(mask.data[defect.centre]).toBe(1);
  expect(after[3 * defect.centre + 2]).toBeLessThan(before[3 * defect.centre + 2] - 0.005);
  for (let pixel = 0; pixel < 64 * 64; pixel++) {
    const same = [0, 1, 2].every((axis) => before[3 * pixel + axis] === after[3 * pixel + axis]);
    expect(mask.data[pixel]).toBe(Number(!same));
    if (before[3 * pixel + 2] === 0) expect(mask.data[pixel]).toBe(0);
  }
});

test('everything else of the cloud is kept, the arguments too, and the stream decides all', () => {
  const cloud = sphere(300);
  const before = cloud.positions.data.slice();
  const make = (seed: number) => plantDefect(cloud, 'crack', createRng(seed));
  expect(contiguous(make(1).cloud.positions)).toEqual(contiguous(make(1).cloud.positions));
  expect(make(1).defect).not.toEqual(make(2).defect);
  expect(make(1).cloud.labels).toBe(cloud.labels);
  expect(cloud.positions.data).toEqual(before);
});

test('one point needs a radius, two do not, and nothing is planted on none', () => {
  const rng = createRng(1);
  expect(() => plantDefect(cloudOf([]), 'bulge', rng)).toThrow(ArgumentError);
  expect(() => plantDefect(cloudOf([Number.NaN, 0, 0]), 'bulge', rng)).toThrow(
    'plantDefect: expected a cloud with at least one finite point, got "1 points, none finite"',
  );
  expect(() => plantDefect(cloudOf([1, 2, 3]), 'bulge', rng)).toThrow('a cloud without extent needs one');
  expect(plantDefect(cloudOf([1, 2, 3]), 'bulge', rng, { radius: 1 }).cloud.positions.get(0, 2)).toBe(3.75);
  expect(plantDefect(cloudOf([0, 0, 0, 1, 1, 1]), 'hole', rng).mask).toContain(1);
  const withNaN = plantDefect(cloudOf([0, 0, 0, Number.NaN, 0, 0, 0.1, 0, 0]), 'bulge', rng, { radius: 1 });
  expect(withNaN.mask[1]).toBe(0);
});

test('what cannot work is refused', () => {
  const rng = createRng(1);
  const cloud = sphere(50);
  const flat = { positions: ndarray(new Float32Array(4), [2, 2]) };
  expect(() => plantDefect(flat, 'bulge', rng)).toThrow(ShapeError);
  expect(() => plantDefect(cloud, 'stain' as 'bulge', rng)).toThrow(ArgumentError);
  expect(() => plantDefect(cloud, 'bulge', rng, { centre: 50 })).toThrow(ArgumentError);
  expect(() => plantDefect(cloud, 'bulge', rng, { radius: Number.NaN })).toThrow(ArgumentError);
  expect(() => plantDefect(cloud, 'bulge', rng, { radius: 1e-12 })).toThrow('moves at least one point');
  expect(() => plantDefect(cloud, 'bulge', rng, { depth: 0 })).toThrow(ArgumentError);
  expect(() => plantDefect(cloud, 'bulge', rng, { outwards: [0, 0, 0] })).toThrow(ArgumentError);
  expect(() => plantDefectInScan({ xyz: ndarray(new Float32Array(12), [2, 2, 3]) }, 'bulge', rng)).toThrow(
    ArgumentError,
  );
});
