import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCorrespondences } from './correspondences.js';
import { randomViews } from './example-views.fixture.js';

const window8 = { width: 8, height: 8 };

/** Points at the middle of window pixels. */
function view(pixels: readonly (readonly [number, number])[], depth: readonly number[]) {
  return {
    projection: {
      u: Float64Array.from(pixels, ([x]) => x),
      v: Float64Array.from(pixels, ([, y]) => y),
      depth: Float64Array.from(depth),
    },
    camera: window8,
  };
}

const collision = [
  [3, 1],
  [3, 1],
  [3, 1],
  [0, 0],
  [2, 2],
] as const;

describe('findCorrespondences', () => {
  test('on each pixel the first of the nearest points is visible (pointad.md 11.3)', () => {
    const towardsViewer = [1, 2, 2, 0, 5]; // rotated z: the larger, the nearer
    const { visible, pixels } = findCorrespondences(
      [
        view(
          collision,
          towardsViewer.map((z) => 10 - z),
        ),
      ],
      { size: 8 },
    );
    expect([...visible]).toEqual([0, 1, 0, 1, 1]);
    expect([...pixels]).toEqual(collision.flat());
  });

  test('pixels at 336 are those of the published projection, clamped (pointad.md 11.1)', () => {
    const u = Float64Array.of(133.078, 889.922, 322.599, 672.633, 511.5, 314.147);
    const v = Float64Array.of(-100.799, -100.799, 817.148, 677.507, 703.845, 138.956);
    const views = [
      { projection: { u, v, depth: Float64Array.from(u, () => 1) }, camera: { width: 1024, height: 1024 } },
    ];
    const expected = [43, 0, 292, 0, 105, 268, 220, 222, 167, 230, 103, 45];
    const clamped = findCorrespondences(views, { outOfFrame: 'clamp' });
    expect([...clamped.pixels]).toEqual(expected);
    expect([...clamped.visible]).toEqual([1, 1, 1, 1, 1, 1]);
    const strict = findCorrespondences(views);
    expect([...strict.pixels]).toEqual(expected);
    expect([...strict.visible]).toEqual([0, 0, 1, 1, 1, 1]);
  });

  test('visible points are the nearest at their pixel, by brute force', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(3, 8, 16),
        fc.constantFrom('invisible' as const, 'clamp' as const),
        (seed, count, size, outOfFrame) => {
          const [{ projection, camera }] = randomViews(createRng(seed), 1, count);
          const { u, v, depth } = projection;
          const found = findCorrespondences([{ projection, camera }], { size, outOfFrame });
          const eligible = (i: number) =>
            depth[i] > 0 &&
            (outOfFrame === 'clamp' || [u[i], v[i]].every((at) => Math.round(at) >= 0 && Math.round(at) < 8));
          const same = (i: number, j: number) =>
            found.pixels[2 * i] === found.pixels[2 * j] &&
            found.pixels[2 * i + 1] === found.pixels[2 * j + 1];
          for (let i = 0; i < count; i++) {
            let hidden = !eligible(i);
            for (let j = 0; j < count; j++) {
              if (j === i || !eligible(j) || !same(i, j)) continue;
              hidden ||= depth[j] < depth[i] || (depth[j] === depth[i] && j < i);
            }
            expect(found.visible[i], `point ${i}`).toBe(Number(!hidden));
          }
        },
      ),
      { seed: 1 },
    );
  });

  test('a coarser depth raster leaves at most one visible point per cell, at the same pixels', () => {
    const views = randomViews(createRng(4), 1, 500);
    const fine = findCorrespondences(views, { size: 8 });
    const coarse = findCorrespondences(views, { size: 8, resolution: 2 });
    expect(coarse.pixels).toEqual(fine.pixels);
    expect(coarse.visible.reduce((sum, flag) => sum + flag, 0)).toBe(4);
  });

  test('the order of the views orders the rows and nothing else', () => {
    const views = randomViews(createRng(7), 3, 30);
    const forwards = findCorrespondences(views, { size: 8 });
    const backwards = findCorrespondences([...views].reverse(), { size: 8 });
    for (let k = 0; k < 3; k++) {
      const [from, to] = [30 * k, 30 * (2 - k)];
      expect(backwards.visible.slice(to, to + 30)).toEqual(forwards.visible.slice(from, from + 30));
      expect(backwards.pixels.slice(2 * to, 2 * to + 60)).toEqual(
        forwards.pixels.slice(2 * from, 2 * from + 60),
      );
    }
  });

  test('points go to their cells of the grid; the other cells are 0', () => {
    const foreground = Uint8Array.of(0, 1, 0, 1, 1);
    const found = findCorrespondences(
      [
        view(
          [
            [3, 1],
            [3, 1],
            [7, 6],
          ],
          [2, 1, 3],
        ),
      ],
      { size: 8, foreground },
    );
    expect([...found.visible]).toEqual([0, 0, 0, 1, 1]);
    expect([...found.pixels]).toEqual([0, 0, 3, 1, 0, 0, 3, 1, 7, 6]);
    expect(found.foreground).toEqual(foreground);
    const loud = { size: 8, foreground: foreground.map((flag) => 255 * flag) };
    expect(
      findCorrespondences(
        [
          view(
            [
              [3, 1],
              [3, 1],
              [7, 6],
            ],
            [2, 1, 3],
          ),
        ],
        loud,
      ),
    ).toEqual(found);
  });

  test('points behind the camera are never visible, not even clamped', () => {
    const nowhere = [[Number.NaN, Number.NaN]] as const;
    const { visible, pixels } = findCorrespondences([view(nowhere, [-1])], { size: 8, outOfFrame: 'clamp' });
    expect([...visible, ...pixels]).toEqual([0, 0, 0]);
  });

  test('no points are legal, no views are not', () => {
    expect(findCorrespondences([view([], [])]).visible).toHaveLength(0);
    expect(() => findCorrespondences([])).toThrow(ArgumentError);
  });

  test('refuses projections of different lengths and with NaN in front of the camera', () => {
    const two = view(
      [
        [1, 1],
        [2, 2],
      ],
      [1, 1],
    );
    expect(() => findCorrespondences([two, view([[1, 1]], [1])])).toThrow(ShapeError);
    expect(() => findCorrespondences([two], { foreground: Uint8Array.of(1, 0, 0) })).toThrow(ShapeError);
    expect(() => findCorrespondences([view([[Number.NaN, 1]], [1])])).toThrow(ArgumentError);
    expect(() => findCorrespondences([view([[1, 1]], [Number.NaN])])).toThrow(ArgumentError);
    expect(() => findCorrespondences([two], { size: 0 })).toThrow(ArgumentError);
    expect(() => findCorrespondences([two], { size: 70_000 })).toThrow(ArgumentError);
    expect(() => findCorrespondences([two], { outOfFrame: 'hidden' as 'clamp' })).toThrow(ArgumentError);
  });
});
