import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous, resizeImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import type { Scan } from '../organised.js';
import { countDifferences } from '../testing/count-differences.js';
import { prepareMvtec3d } from './prepare-mvtec3d.js';

const side = 110;

/** A box 4 cm high on a table half a metre away, 1 mm between pixels, with an anomalous patch. */
function boxOnTable(): Required<Scan> {
  const rng = createRng(1);
  const xyz = new Float32Array(3 * side * side);
  const image = new Uint8Array(3 * side * side).fill(200);
  const mask = new Uint8Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const pixel = row * side + column;
      const isBox = row >= 40 && row < 70 && column >= 30 && column < 80;
      xyz.set(
        [column / 1000 + 0.0005, row / 1000 + 0.0005, (isBox ? 0.46 : 0.5) + rng.normal(0, 1e-4)],
        3 * pixel,
      );
      mask[pixel] = Number(row >= 45 && row < 55 && column >= 40 && column < 50);
    }
  }
  xyz.fill(0, 0, 3);
  return {
    organised: { xyz: ndarray(xyz, [side, side, 3]) },
    image: ndarray(image, [side, side, 3]),
    mask: ndarray(mask, [side, side]),
  };
}

describe('prepareMvtec3d', () => {
  test('finds the box, pads to 200 and resizes to the grid by the nearest pixel', () => {
    const scan = boxOnTable();
    const prepared = prepareMvtec3d(scan);
    expect(prepared.grid).toEqual([336, 336]);
    expect(prepared.warnings).toEqual([]);
    const step = Math.fround(200 / 336);
    const source = contiguous(scan.organised.xyz);
    const expected = new Float32Array(3 * 336 * 336);
    for (let cell = 0; cell < 336 * 336; cell++) {
      const [row, column] = [Math.floor(cell / 336), cell % 336].map(
        (i) => Math.floor(Math.fround(i * step)) - 45, // 45 = (200 − 110) / 2
      );
      if (row < 40 || row >= 70 || column < 30 || column >= 80) continue;
      const pixel = 3 * (row * side + column);
      expected.set(source.subarray(pixel, pixel + 3), 3 * cell);
    }
    expect(countDifferences(prepared.positions, expected)).toBe(0);
    const isBox = Uint8Array.from({ length: 336 * 336 }, (_, cell) => Number(expected[3 * cell + 2] !== 0));
    expect(countDifferences(prepared.foreground, isBox)).toBe(0);
  });

  test('the removed background of the image is black', () => {
    const { image } = prepareMvtec3d(boxOnTable());
    expect(image?.shape).toEqual([336, 336, 3]);
    expect(image?.get(0, 0, 0)).toBe(0);
    expect(image?.get(170, 170, 1)).toBe(200);
  });

  test('labels are the padded mask resized bicubically, targets bilinearly, cut at one half', () => {
    const scan = boxOnTable();
    const { labels, targets } = prepareMvtec3d(scan);
    const padded = ndarray(new Uint8Array(200 * 200), [200, 200]);
    for (let row = 45; row < 55; row++)
      for (let column = 40; column < 50; column++) padded.set(row + 45, column + 45, 255);
    for (const [actual, filter] of [
      [labels, 'bicubic'],
      [targets, 'bilinear'],
    ] as const) {
      const expected = resizeImage(padded, 336, 336, { filter }).data.map((value) => Number(value >= 128));
      expect(expected.includes(1)).toBe(true);
      expect(countDifferences(actual, expected)).toBe(0);
    }
  });

  test('a scan that is clean already is only resized, foreground where z is not 0', () => {
    const xyz = ndarray(Float32Array.of(0, 0, 1, 1, 1, 0, 1, 2, 3, 1, 1, Number.NaN), [2, 2, 3]);
    const { positions, foreground, labels } = prepareMvtec3d(
      { organised: { xyz } },
      { size: 2, background: false },
    );
    expect([...foreground]).toEqual([1, 0, 1, 0]);
    expect([...positions]).toEqual([0, 0, 1, 0, 0, 0, 1, 2, 3, 0, 0, 0]);
    expect(labels).toBeUndefined();
  });

  test('the same scan gives the same result, also with options of the background', () => {
    const [once, again] = [prepareMvtec3d(boxOnTable()), prepareMvtec3d(boxOnTable())];
    expect(countDifferences(once.positions, again.positions)).toBe(0);
    const none = prepareMvtec3d(boxOnTable(), { background: { planeDistance: 1 } });
    expect(none.foreground.includes(1)).toBe(false);
    expect(none.warnings).toHaveLength(1);
  });

  test('refuses parts of different size, an empty scan and a size of 0', () => {
    const scan = boxOnTable();
    expect(() => prepareMvtec3d({ ...scan, mask: ndarray(new Uint8Array(4), [2, 2]) })).toThrow(ShapeError);
    const empty = { organised: { xyz: ndarray(new Float32Array(0), [0, 0, 3]) } };
    expect(() => prepareMvtec3d(empty)).toThrow(ShapeError);
    expect(() => prepareMvtec3d(scan, { size: 0 })).toThrow(ArgumentError);
  });
});
