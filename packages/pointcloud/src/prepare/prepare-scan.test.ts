import { ArgumentError, ShapeError } from '@anomclip/core';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import type { Scan } from '../organised.js';
import { prepareScan } from './prepare-scan.js';

/** 2 × 2 pixels: a point, a missing one, NaN, and an anomalous point. */
const scan: Scan = {
  organised: { xyz: ndarray(Float32Array.of(1, 2, 3, 0, 5, 6, Number.NaN, 8, 9, 10, 11, 12), [2, 2, 3]) },
  image: ndarray(
    Uint8Array.from({ length: 12 }, (_, i) => i),
    [2, 2, 3],
  ),
  mask: ndarray(Uint8Array.of(0, 0, 0, 1), [2, 2]),
};

describe('prepareScan', () => {
  test('keeps the grid, with zeros where there is no point', () => {
    const prepared = prepareScan(scan);
    expect(prepared.grid).toEqual([2, 2]);
    expect([...prepared.positions]).toEqual([1, 2, 3, 0, 0, 0, 0, 0, 0, 10, 11, 12]);
    expect([...prepared.foreground]).toEqual([1, 0, 0, 1]);
    expect([...(prepared.labels ?? [])]).toEqual([0, 0, 0, 1]);
    expect([...(prepared.colours ?? [])]).toEqual([...(scan.image?.data ?? [])]);
    expect(prepared.image).toBe(scan.image);
  });

  test('the other missing test keeps a point with one coordinate of 0', () => {
    expect([...prepareScan(scan, { missing: 'all-zero' }).foreground]).toEqual([1, 1, 0, 1]);
  });

  test('points, colours and labels are resized together', () => {
    const prepared = prepareScan(scan, { size: 4 });
    expect(prepared.grid).toEqual([4, 4]);
    expect([...(prepared.labels ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...prepared.foreground]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...(prepared.colours ?? []).slice(0, 9)]).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5]);
  });

  test('a scan alone has no labels and no colours; an empty one no cells', () => {
    const empty = { organised: { xyz: ndarray(new Float32Array(0), [0, 5, 3]) } };
    expect(Object.keys(prepareScan({ organised: scan.organised })).sort()).toEqual([
      'foreground',
      'grid',
      'positions',
    ]);
    expect(prepareScan(empty).foreground).toHaveLength(0);
    expect(() => prepareScan(empty, { size: 3 })).toThrow(ShapeError);
  });

  test('refuses parts of different size and a size that is none', () => {
    expect(() => prepareScan({ ...scan, mask: ndarray(new Uint8Array(6), [2, 3]) })).toThrow(ShapeError);
    expect(() => prepareScan(scan, { size: 0.5 })).toThrow(ArgumentError);
  });
});
