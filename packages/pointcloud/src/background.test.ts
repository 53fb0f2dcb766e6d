import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { type BackgroundOptions, removeBackground } from './background.js';
import type { Scan } from './organised.js';
import { signedDistance } from './plane.js';

const spacing = 0.001;

/**
 * A scan of 60 × 80 pixels, 1 mm apart: a tilted table, on it a box of rows 20…39 × columns 25…54 and a smaller one
 * of rows 48…49 × columns 60…69, 2 cm high; pixel (0, 0) is missing. The image is 200 everywhere, the mask 1 on
 * the rows 30…59 of column 30.
 */
function boxesOnTable(): Scan {
  const [height, width] = [60, 80];
  const rng = createRng('boxes');
  const xyz = ndarray(new Float32Array(height * width * 3), [height, width, 3]);
  const mask = ndarray(new Uint8Array(height * width), [height, width]);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (row + column === 0) continue;
      const x = (column + 0.5) * spacing;
      const y = (row + 0.5) * spacing;
      const lift = onLargeBox(row, column) || onSmallBox(row, column) ? 0.02 : 0;
      xyz.set(row, column, 0, x);
      xyz.set(row, column, 1, y);
      xyz.set(row, column, 2, 0.4 + 0.2 * x - 0.1 * y - lift + rng.normal(0, 0.0001));
      mask.set(row, column, column === 30 && row >= 30 ? 1 : 0);
    }
  }
  const image = ndarray(new Uint8Array(height * width * 3).fill(200), [height, width, 3]);
  return { organised: { xyz }, image, mask };
}

const onLargeBox = (row: number, column: number) => row >= 20 && row < 40 && column >= 25 && column < 55;
const onSmallBox = (row: number, column: number) => row >= 48 && row < 50 && column >= 60 && column < 70;

const emptyGrid = (height: number, width: number): OrganisedCloud => ({
  xyz: ndarray(new Float32Array(height * width * 3), [height, width, 3]),
});

describe('removeBackground', () => {
  const options: BackgroundOptions = { cluster: { minPoints: 10 } };

  test('keeps the points and the colours of the largest object only', () => {
    const { organised, image } = removeBackground(boxesOnTable(), options);
    expect(organised.xyz.shape).toEqual([100, 100, 3]);
    for (let row = 0; row < 100; row++) {
      for (let column = 0; column < 100; column++) {
        const kept = onLargeBox(row - 20, column - 10); // (100 − 60) / 2 rows above, (100 − 80) / 2 to the left
        expect(organised.xyz.get(row, column, 2) !== 0).toBe(kept);
        if (row === 20 && column === 10) continue; // the missing pixel keeps its colour
        expect(image?.get(row, column, 0)).toBe(kept ? 200 : 0);
      }
    }
    expect(image?.get(20, 10, 0)).toBe(200);
  });

  test('kept coordinates are unchanged', () => {
    const scan = boxesOnTable();
    const { organised } = removeBackground(scan, options);
    for (let axis = 0; axis < 3; axis++) {
      expect(organised.xyz.get(25 + 20, 30 + 10, axis)).toBe(scan.organised.xyz.get(25, 30, axis));
    }
  });

  test('the mask is padded only: anomalies on removed points stay', () => {
    const { mask } = removeBackground(boxesOnTable(), options);
    expect(mask?.shape).toEqual([100, 100]);
    for (let row = 0; row < 60; row++) expect(mask?.get(row + 20, 40)).toBe(row >= 30 ? 1 : 0);
    expect(mask?.data.reduce((sum, value) => sum + value, 0)).toBe(30);
  });

  test('reports the plane, what was removed and where the grid went', () => {
    const cleaned = removeBackground(boxesOnTable(), options);
    const { plane, planeInlierRatio, warnings, validPoints, planePoints, keptPoints, noiseWon, padding } =
      cleaned;
    expect(validPoints).toBe(4799);
    expect(keptPoints).toBe(20 * 30);
    expect(planePoints).toBe(4799 - 600 - 20);
    expect(planeInlierRatio).toBe(1);
    expect(noiseWon).toBe(false);
    expect(warnings).toEqual([]);
    expect(padding).toEqual({ top: 20, left: 10 });
    // The table: z = 0.4 + 0.2 x − 0.1 y.
    for (const [x, y] of [
      [0, 0],
      [0.08, 0],
      [0, 0.06],
    ]) {
      expect(Math.abs(plane ? signedDistance(plane, x, y, 0.4 + 0.2 * x - 0.1 * y) : 1)).toBeLessThan(1e-4);
    }
  });

  test('is decided by the generator alone, and leaves its input as it was', () => {
    const scan = boxesOnTable();
    const before = structuredClone(scan);
    const first = removeBackground(scan, { ...options, rng: createRng(5) });
    expect(removeBackground(scan, { ...options, rng: createRng(5) })).toEqual(first);
    expect(removeBackground(scan, options)).toEqual(
      removeBackground(scan, { ...options, rng: createRng(0) }),
    );
    expect(scan).toEqual(before);
  });

  test('scan parts may be strided views, and image and mask may be absent', () => {
    const { organised } = boxesOnTable();
    const transposed = { organised: { xyz: organised.xyz.transpose(1, 0, 2) } };
    const cleaned = removeBackground(transposed, options);
    expect(cleaned.keptPoints).toBe(600);
    expect(cleaned.padding).toEqual({ top: 10, left: 20 });
    expect(cleaned.organised.xyz.get(30 + 10, 25 + 20, 2)).toBe(organised.xyz.get(25, 30, 2));
    expect(cleaned.image).toBeUndefined();
    expect(cleaned.mask).toBeUndefined();
  });

  test('noise can outnumber every cluster, is then what is kept, and is reported', () => {
    // Above the table only scattered points: no ten of them within 6 mm.
    const scan = boxesOnTable();
    for (let row = 10; row < 50; row++) {
      for (let column = 10; column < 70; column++) {
        const z = 0.4 + 0.2 * (column + 0.5) * spacing - 0.1 * (row + 0.5) * spacing;
        scan.organised.xyz.set(row, column, 2, row % 5 === 0 && column % 5 === 0 ? z - 0.02 : z);
      }
    }
    const cleaned = removeBackground(scan, options);
    expect(cleaned.noiseWon).toBe(true);
    expect(cleaned.keptPoints).toBe(8 * 12);
    expect(cleaned.warnings).toHaveLength(1);
    expect(cleaned.warnings[0]).toMatch(/no cluster/);
  });

  test('a border that mostly is not the plane gives a warning', () => {
    const { warnings, planeInlierRatio } = removeBackground(boxesOnTable(), {
      ...options,
      planeRansac: { threshold: 0.00002 },
    });
    expect(planeInlierRatio).toBeLessThan(0.3);
    expect(planeInlierRatio).toBeGreaterThan(0.05);
    expect(warnings.some((warning) => warning.includes('may touch the border'))).toBe(true);
  });

  test('corner pixels count twice: 13 corner points make 26 border points, one above a sample of 25', () => {
    const organised = emptyGrid(100, 100);
    for (let i = 0; i < 13; i++) {
      organised.xyz.set(i % 4, Math.floor(i / 4), 0, 0.01 + (i % 4) * spacing);
      organised.xyz.set(i % 4, Math.floor(i / 4), 1, 0.01 + Math.floor(i / 4) * spacing);
      organised.xyz.set(i % 4, Math.floor(i / 4), 2, 0.5);
    }
    expect(removeBackground({ organised }, { planeRansac: { sample: 26 } }).plane).not.toBeNull();
    expect(removeBackground({ organised }, { planeRansac: { sample: 27 } }).plane).toBeNull();
  });

  test('with fewer than 50 border points there is no plane, and nothing is removed as plane', () => {
    const scan = boxesOnTable();
    for (let row = 0; row < 60; row++) {
      for (let column = 0; column < 80; column++) {
        const inner = row >= 10 && row < 50 && column >= 10 && column < 70;
        if (!inner && !(row === 5 && column >= 10 && column < 59)) {
          for (let axis = 0; axis < 3; axis++) scan.organised.xyz.set(row, column, axis, 0);
        }
      }
    }
    const cleaned = removeBackground(scan, options); // 49 points in row 5
    expect(cleaned.plane).toBeNull();
    expect(cleaned.planeInlierRatio).toBe(0);
    expect(cleaned.planePoints).toBe(0);
    expect(cleaned.keptPoints).toBeGreaterThan(1000); // the table
    expect(cleaned.warnings).toEqual([expect.stringContaining('no plane')]);
  });

  test('a grid without points, or without pixels, comes back padded with warnings', () => {
    const cleaned = removeBackground({ organised: emptyGrid(30, 50) });
    expect(cleaned.organised.xyz.shape).toEqual([100, 100, 3]);
    expect(cleaned.organised.xyz.data.every((value) => value === 0)).toBe(true);
    expect(cleaned).toMatchObject({ plane: null, keptPoints: 0, validPoints: 0, noiseWon: false });
    expect(cleaned.warnings).toHaveLength(2);
    expect(removeBackground({ organised: emptyGrid(0, 0) }).organised.xyz.shape).toEqual([0, 0, 3]);
  });

  test('a grid of NaN has no points', () => {
    const xyz = ndarray(new Float32Array(40 * 40 * 3).fill(NaN), [40, 40, 3]);
    expect(removeBackground({ organised: { xyz } })).toMatchObject({
      plane: null,
      keptPoints: 0,
      validPoints: 0,
    });
  });

  test('when all points lie on the plane nothing is left', () => {
    const scan = boxesOnTable();
    const cleaned = removeBackground(scan, { planeDistance: 1 });
    expect(cleaned.keptPoints).toBe(0);
    expect(cleaned.planePoints).toBe(4799);
    expect(cleaned.warnings).toEqual([expect.stringContaining('no points are left')]);
  });

  test('refuses parts of different size and options out of range', () => {
    const scan = boxesOnTable();
    const image = ndarray(new Uint8Array(3), [1, 1, 3]);
    expect(() => removeBackground({ ...scan, image })).toThrow(ShapeError);
    expect(() => removeBackground(scan, { borderWidth: -1 })).toThrow(ArgumentError);
    expect(() => removeBackground(scan, { padMultiple: 0 })).toThrow(ArgumentError);
    expect(() => removeBackground(scan, { cluster: { eps: 0 } })).toThrow(ArgumentError);
    expect(() => removeBackground(scan, { planeRansac: { sample: 2 } })).toThrow(ArgumentError);
    expect(() => removeBackground(scan, { planeDistance: NaN })).toThrow(ArgumentError);
    expect(() => removeBackground(scan, { minPlaneInlierRatio: 2 })).toThrow(ArgumentError);
  });
});
