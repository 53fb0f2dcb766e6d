import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { defectTypesOf, type ObjectCategory, objectCategories } from './categories.js';
import type { DefectType } from './damage.js';
import type { ObjectModel } from './object-model.js';
import {
  type ModelScanOptions,
  type ScanOptions,
  type SyntheticScan,
  scanModel,
  scanObject,
} from './scan-object.js';

/** Ideal sensor: every pixel has its exact point. */
const ideal: ModelScanOptions = { height: 128, width: 128, noise: 0, missing: false, flyingPoints: 0 };

const slab: ObjectModel = {
  reach: 0.05,
  top: 0.02,
  turn: 1,
  gloss: 0.2,
  flesh: [1, 1, 1],
  height: (u, v) => (Math.max(Math.abs(u), Math.abs(v)) < 0.03 ? 0.02 : 0),
  paint: (out) => out.fill(0.5),
};

type Pictures = Pick<SyntheticScan, 'organised' | 'image' | 'mask'>;

const pointAt = ({ organised: { xyz } }: Pictures, pixel: number) =>
  xyz.data.subarray(3 * pixel, 3 * pixel + 3);
const colourAt = ({ image }: Pictures, pixel: number) => image.data.subarray(3 * pixel, 3 * pixel + 3);
const pixelsOf = ({ mask }: Pictures) => [...mask.data.keys()].filter((pixel) => mask.data[pixel] === 1);
const differ = (a: ArrayLike<number>, b: ArrayLike<number>) => [0, 1, 2].some((c) => a[c] !== b[c]);

/** Height above the plane through three corner pixels. */
function heightAbovePlane(scan: Pictures): (point: ArrayLike<number>) => number {
  const [height, width] = scan.mask.shape;
  const [a, b, c] = [0, width - 1, (height - 1) * width].map((pixel) => pointAt(scan, pixel));
  const p = [0, 1, 2].map((k) => b[k] - a[k]);
  const q = [0, 1, 2].map((k) => c[k] - a[k]);
  const normal = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
  const length = Math.hypot(...normal); // right × down = forward, away from the camera
  return (point) => -normal.reduce((sum, n, k) => sum + n * (point[k] - a[k]), 0) / length;
}

test('outside the mask every pixel keeps its bits, inside nearly all differ from the scan without the defect', () => {
  for (const category of objectCategories) {
    const seed = `twin ${category}`;
    const options = { height: 128, width: 128 };
    const normal = scanObject(category, createRng(seed), options);
    expect(normal.defectType).toBe('good');
    expect(normal.mask.data.includes(1)).toBe(false);
    for (const defect of defectTypesOf(category)) {
      const scan = scanObject(category, createRng(seed), { ...options, defect });
      expect([scan.category, scan.defectType]).toEqual([category, defect]);
      let [outside, inside] = [0, 0];
      for (let pixel = 0; pixel < 128 * 128; pixel++) {
        const changed =
          differ(pointAt(scan, pixel), pointAt(normal, pixel)) ||
          differ(colourAt(scan, pixel), colourAt(normal, pixel));
        if (changed && scan.mask.data[pixel] === 0) outside++;
        if (changed && scan.mask.data[pixel] === 1) inside++;
      }
      expect(outside).toBe(0);
      // Less than a grey level where a defect fades, and no point was measured there or it did not move.
      const size = pixelsOf(scan).length;
      expect(inside).toBeGreaterThan(0.9 * size);
      expect(size).toBeGreaterThan(8);
      expect(size).toBeLessThan(0.06 * 128 * 128);
    }
  }
});

test('no mask is empty, however small the defect', () => {
  for (const category of objectCategories) {
    for (const defect of defectTypesOf(category)) {
      const scan = scanObject(category, createRng(defect), { height: 64, width: 64, defect, severity: 0 });
      expect(scan.mask.data.includes(1)).toBe(true);
    }
  }
});

/** How far the defect moved the surface away from the camera at every pixel of the mask, metres. */
function depthChanges(category: ObjectCategory, defect: DefectType, seed: string): number[] {
  const normal = scanObject(category, createRng(seed), ideal);
  const scan = scanObject(category, createRng(seed), { ...ideal, defect, severity: 0.8 });
  return pixelsOf(scan).map((pixel) => pointAt(scan, pixel)[2] - pointAt(normal, pixel)[2]);
}
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

test.each([
  ['bulge', -1],
  ['contamination', -1],
  ['crack', 1],
  ['cut', 1],
  ['dent', 1],
] as const)('a %s moves the surface to its side of the intact one', (defect, sign) => {
  for (const category of ['coaster', 'soap_bar', 'gasket'] as const) {
    const moved = depthChanges(category, defect, `side ${defect}`).map((change) => sign * change);
    expect(median(moved)).toBeGreaterThan(1e-4);
    expect(median(moved)).toBeLessThan(0.006);
  }
});

test('through a hole the support is seen', () => {
  for (const category of ['coaster', 'gasket', 'drain_cover'] as const) {
    const scan = scanObject(category, createRng('hole'), { ...ideal, defect: 'hole', severity: 1 });
    const normal = scanObject(category, createRng('hole'), ideal);
    const above = heightAbovePlane(normal);
    const [after, before] = [scan, normal].map((side) =>
      pixelsOf(scan).map((pixel) => above(pointAt(side, pixel))),
    );
    const onSupport = after.filter((height) => Math.abs(height) < 1e-5).length;
    expect(onSupport / after.length).toBeGreaterThan(0.4);
    expect(median(before)).toBeGreaterThan(0.008);
  }
});

test('a stain leaves the points alone, bit for bit, and changes the colour of nearly every pixel of the mask', () => {
  for (const category of objectCategories) {
    const seed = `stain ${category}`;
    const normal = scanObject(category, createRng(seed), { height: 128, width: 128 });
    const scan = scanObject(category, createRng(seed), { height: 128, width: 128, defect: 'stain' });
    expect(scan.organised.xyz.data).toEqual(normal.organised.xyz.data);
    const pixels = pixelsOf(scan);
    const changed = pixels.filter((pixel) => differ(colourAt(scan, pixel), colourAt(normal, pixel)));
    expect(changed.length).toBeGreaterThan(0.9 * pixels.length);
  }
});

test('points lie on the rays of their pixels: x right, y down, z forward', () => {
  const { organised, camera } = scanObject('pretzel', createRng(5), { height: 96, width: 128 });
  let points = 0;
  for (let row = 0; row < 96; row++) {
    for (let column = 0; column < 128; column++) {
      const [x, y, z] = [0, 1, 2].map((c) => organised.xyz.get(row, column, c));
      if (z === 0) {
        expect([x, y]).toEqual([0, 0]);
        continue;
      }
      points++;
      expect(x).toBeCloseTo(((column - camera.cx) / camera.fx) * z, 7);
      expect(y).toBeCloseTo(((row - camera.cy) / camera.fy) * z, 7);
      expect(z).toBeGreaterThan(0.3);
      expect(z).toBeLessThan(0.45);
    }
  }
  expect(points / (96 * 128)).toBeGreaterThan(0.9);
  expect([camera.height, camera.width]).toEqual([96, 128]);
});

test('the support fills the border, is flat, and every object stands more than 8 mm above it', () => {
  for (const category of objectCategories) {
    for (let seed = 0; seed < 2; seed++) {
      const scan = scanObject(category, createRng(seed), ideal);
      const above = heightAbovePlane(scan);
      let top = 0;
      for (let pixel = 0; pixel < 128 * 128; pixel++) {
        const [row, column] = [Math.floor(pixel / 128), pixel % 128];
        const height = above(pointAt(scan, pixel));
        top = Math.max(top, height);
        const border = Math.min(row, column, 127 - row, 127 - column) < 5;
        if (border) expect(Math.abs(height)).toBeLessThan(2e-7);
      }
      expect(top).toBeGreaterThan(0.008);
      expect(top).toBeLessThan(0.045);
    }
  }
});

test('the top of a slab of 20 mm lies 20 mm above the support', () => {
  const scan = scanModel(() => slab, createRng(11), ideal);
  const above = heightAbovePlane(scan);
  for (const pixel of [64 * 128 + 64, 60 * 128 + 70, 72 * 128 + 55]) {
    expect(above(pointAt(scan, pixel))).toBeCloseTo(0.02, 6);
  }
});

test('the noise of z has the standard deviation asked for, and more where the ray grazes', () => {
  // A roof of slope 2: seen from above its sides have cosine 1/√5, so √5 times the noise.
  const roof: ObjectModel = {
    ...slab,
    reach: 0.04,
    top: 0.06,
    turn: 0,
    height: (u, v) => (Math.abs(v) < 0.03 ? 0.06 - 2 * Math.abs(u) : 0),
  };
  const exact = scanModel(() => roof, createRng(3), ideal);
  const noisy = scanModel(() => roof, createRng(3), { ...ideal, noise: 0.0005 });
  const above = heightAbovePlane(exact);
  const sd = (wanted: (height: number) => boolean) => {
    const errors: number[] = [];
    for (let pixel = 0; pixel < 128 * 128; pixel++) {
      const point = pointAt(exact, pixel);
      if (wanted(above(point))) errors.push(pointAt(noisy, pixel)[2] - point[2]);
    }
    expect(errors.length).toBeGreaterThan(1000);
    return Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
  };
  const onSupport = sd((height) => Math.abs(height) < 1e-5);
  const onRoof = sd((height) => height > 0.005 && height < 0.055);
  expect(onSupport).toBeGreaterThan(0.00048);
  expect(onSupport).toBeLessThan(0.00053);
  expect(onRoof / onSupport).toBeGreaterThan(0.9 * Math.sqrt(5));
  expect(onRoof / onSupport).toBeLessThan(1.15 * Math.sqrt(5));
});

test('the lamp is at the upper left, and the projector on the left casts shadows to the right', () => {
  const dome: ObjectModel = {
    ...slab,
    turn: 0,
    top: 0.03,
    height: (u, v) => 0.03 * Math.sqrt(Math.max(0, 1 - (u * u + v * v) / 0.03 ** 2)),
  };
  const options = { height: 128, width: 128, flyingPoints: 0, missing: 0 };
  const lit = scanModel(() => dome, createRng(6), options);
  const brightness = (row: number, column: number) => lit.image.get(row, column, 0);
  expect(brightness(50, 50)).toBeGreaterThan(brightness(78, 50) + 20);
  expect(brightness(50, 50)).toBeGreaterThan(brightness(50, 78) + 20);
  expect(brightness(78, 50)).toBeGreaterThan(brightness(78, 78) + 20);
  expect(brightness(50, 78)).toBeGreaterThan(brightness(78, 78) + 20);

  const blocked = scanModel(() => ({ ...slab, turn: 0 }), createRng(6), options);
  const missing = { left: 0, right: 0 };
  for (let pixel = 0; pixel < 128 * 128; pixel++) {
    if (pointAt(blocked, pixel)[2] === 0) missing[pixel % 128 < 64 ? 'left' : 'right']++;
  }
  expect(missing.right).toBeGreaterThan(2 * missing.left);
});

test('missing: false measures every pixel; a share is the share of dropouts on the support', () => {
  const missing = (scan: Pictures, pixels: Iterable<number>) => {
    let count = 0;
    let all = 0;
    for (const pixel of pixels) {
      all++;
      if (pointAt(scan, pixel)[2] === 0) count++;
    }
    return count / all;
  };
  const border = Array.from({ length: 128 * 128 }, (_, pixel) => pixel).filter((pixel) => pixel < 12 * 128);
  const everywhere = Array.from({ length: 128 * 128 }, (_, pixel) => pixel);
  const scan = (share: boolean | number) =>
    scanObject('sponge', createRng(8), { height: 128, width: 128, missing: share });
  expect(missing(scan(false), everywhere)).toBe(0);
  expect(missing(scan(0), border)).toBe(0);
  expect(missing(scan(0), everywhere)).toBeGreaterThan(0.005); // steep sides and shadows
  expect(missing(scan(0.2), border)).toBeGreaterThan(0.17);
  expect(missing(scan(0.2), border)).toBeLessThan(0.23);
});

test('flying points are 1 to 4 cm too near', () => {
  const straight = scanObject('gasket', createRng(9), ideal);
  const flying = scanObject('gasket', createRng(9), { ...ideal, flyingPoints: 0.05 });
  let count = 0;
  for (let pixel = 0; pixel < 128 * 128; pixel++) {
    const nearer = pointAt(straight, pixel)[2] - pointAt(flying, pixel)[2];
    if (nearer === 0) continue;
    count++;
    expect(nearer).toBeGreaterThan(0.0099);
    expect(nearer).toBeLessThan(0.0401);
  }
  expect(count / 128 ** 2).toBeCloseTo(0.05, 2);
});

test('without a support plane nothing is there beside the object, and the object is the same', () => {
  const options = { height: 128, width: 128 };
  const lying = scanObject('gasket', createRng(2), options);
  const hanging = scanObject('gasket', createRng(2), { ...options, supportPlane: false });
  let kept = 0;
  for (let pixel = 0; pixel < 128 * 128; pixel++) {
    const point = pointAt(hanging, pixel);
    if (point[2] === 0) continue;
    kept++;
    expect(differ(point, pointAt(lying, pixel))).toBe(false);
  }
  expect(kept).toBeGreaterThan(1000);
  expect(kept).toBeLessThan(0.4 * 128 * 128);
  expect([...colourAt(hanging, 0)]).toEqual([0, 0, 0]);
});

test('the same seed gives the same bytes, another seed another part in another place', () => {
  const scan = (seed: number) =>
    scanObject('corn_cob', createRng(seed), { height: 64, width: 64, defect: 'cut' });
  const [first, again, other] = [scan(1), scan(1), scan(2)];
  expect(again).toEqual(first);
  expect(other.image.data).not.toEqual(first.image.data);
});

test('drawing from the rng before does not change the scan', () => {
  const rng = createRng(4);
  rng.uniform();
  const options = { height: 48, width: 64 };
  expect(scanObject('sponge', rng, options)).toEqual(scanObject('sponge', createRng(4), options));
});

test('wrong arguments say what was wanted', () => {
  const rng = createRng(1);
  const scan = (options: ScanOptions) => () => scanObject('corn_cob', rng, options);
  expect(() => scanObject('bagel' as ObjectCategory, rng)).toThrow(/bread_roll, coaster/);
  expect(scan({ defect: 'hole' })).toThrow(/contamination, cut, dent, stain, got "hole"/);
  expect(scan({ height: 16 })).toThrow(/height/);
  expect(scan({ width: 100.5 })).toThrow(/width/);
  expect(scan({ severity: 1.5 })).toThrow(/severity/);
  expect(scan({ noise: -1 })).toThrow(/noise/);
  expect(scan({ noise: Number.NaN })).toThrow(/noise/);
  expect(scan({ missing: 1 })).toThrow(/missing/);
  expect(scan({ flyingPoints: 1 })).toThrow(/flyingPoints/);
});

test('a model that cannot be scanned or damaged is refused', () => {
  const scan = (model: Partial<ObjectModel>, options: ModelScanOptions) => () =>
    scanModel(() => ({ ...slab, ...model }), createRng(1), { height: 64, width: 64, ...options });
  expect(scan({ reach: 5 }, {})).toThrow(/reach .*got 5/);
  expect(scan({ top: Number.NaN }, {})).toThrow(/top/);
  expect(scan({ height: () => 0.002 }, { defect: 'dent' })).toThrow(/higher than 6.5 mm/);
  expect(scan({}, { defect: 'rust' as DefectType })).toThrow(/bulge, .*got "rust"/);
});

test('an object that is not there leaves the support alone', () => {
  const scan = scanModel(() => ({ ...slab, height: () => 0 }), createRng(1), ideal);
  const above = heightAbovePlane(scan);
  for (let pixel = 0; pixel < 128 * 128; pixel += 97) {
    expect(Math.abs(above(pointAt(scan, pixel)))).toBeLessThan(2e-7);
  }
});
