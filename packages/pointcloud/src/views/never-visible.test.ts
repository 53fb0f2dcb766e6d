import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Correspondences, findCorrespondences } from './correspondences.js';
import { randomViews } from './example-views.fixture.js';
import { fillNeverVisible, seenInAnyView } from './never-visible.js';
import { ninePoints } from './nine-points.fixture.js';

/** The rule of `pointad.md` 2.10, step 4, as it is written there. */
function rasterRule({ viewCount, pointCount, visible, foreground }: Correspondences): Uint8Array {
  const flags = visible.slice();
  const seen = (i: number) =>
    Array.from({ length: viewCount }, (_, k) => flags[k * pointCount + i]).includes(1);
  const [lo, hi] = [foreground.indexOf(1), foreground.lastIndexOf(1)];
  for (let i = lo; i <= hi; i++) {
    if (!foreground[i] || seen(i)) continue;
    let chosen = -1;
    for (let j = i + 1; j <= hi && chosen < 0; j++) if (seen(j)) chosen = j;
    let distance = chosen - i;
    if (chosen < 0) {
      for (let j = lo; j < i && chosen < 0; j++) if (seen(j)) chosen = j;
      distance = Math.abs(hi - i + chosen - lo);
    }
    for (let j = i - 1; j >= lo; j--) {
      if (distance <= i - j) break;
      if (seen(j)) {
        chosen = j;
        break;
      }
    }
    for (let k = 0; k < viewCount; k++) flags[k * pointCount + i] = flags[k * pointCount + chosen];
  }
  return flags;
}

function randomCorrespondences(seed: number, viewCount: number, pointCount: number) {
  const rng = createRng(seed);
  const foreground = Uint8Array.from({ length: pointCount }, () => Number(rng.boolean(0.7)));
  const count = foreground.reduce((sum, flag) => sum + flag, 0);
  return findCorrespondences(randomViews(rng, viewCount, count), { size: 4, foreground });
}

describe('fillNeverVisible', () => {
  test('copies flags from the nearest visible cell in raster order (pointad.md 11.5)', () => {
    const filled = fillNeverVisible(ninePoints(), 'rasterNeighbour');
    expect([...filled.visible.subarray(0, 9)]).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 0]);
    expect([...filled.visible.subarray(9)]).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0]);
    expect(filled.pixels).toEqual(ninePoints().pixels);
  });

  test('follows the rule as it is written, step by step', () => {
    let filledPoints = 0;
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 60 }),
        (seed, v, n) => {
          const before = randomCorrespondences(seed, v, n);
          fc.pre(before.visible.includes(1));
          const { visible } = fillNeverVisible(before, 'rasterNeighbour');
          expect(visible).toEqual(rasterRule(before));
          filledPoints += visible.filter((flag, i) => flag !== before.visible[i]).length;
        },
      ),
      { seed: 2, numRuns: 300 },
    );
    expect(filledPoints).toBeGreaterThan(1000);
  });

  test('in space, flags and pixels come from the nearest visible point', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, n) => {
        const before = randomCorrespondences(seed, 2, n);
        fc.pre(before.visible.includes(1));
        const rng = createRng(seed).fork('positions');
        const positions = Float32Array.from({ length: 3 * n }, () => rng.integer(0, 4)); // many ties
        const after = fillNeverVisible(before, 'spatialNeighbour', positions);
        const seen = seenInAnyView(before);
        for (let i = 0; i < n; i++) {
          let source = i;
          if (before.foreground[i] && !seen[i]) {
            const distances = Array.from(seen, (flag, j) =>
              flag
                ? [0, 1, 2].reduce((sum, a) => sum + (positions[3 * i + a] - positions[3 * j + a]) ** 2, 0)
                : Infinity,
            );
            source = distances.indexOf(Math.min(...distances));
          }
          for (const view of [0, n]) {
            expect(after.visible[view + i]).toBe(before.visible[view + source]);
            expect(after.pixels[2 * (view + i)]).toBe(before.pixels[2 * (view + source)]);
            expect(after.pixels[2 * (view + i) + 1]).toBe(before.pixels[2 * (view + source) + 1]);
          }
        }
      }),
      { seed: 3 },
    );
  });

  test('afterwards a view shows every foreground point, and no background', () => {
    const before = randomCorrespondences(5, 2, 400);
    const positions = Float32Array.from({ length: 1200 }, (_, i) => Math.sin(i));
    for (const neighbour of ['rasterNeighbour', 'spatialNeighbour'] as const) {
      const seen = seenInAnyView(fillNeverVisible(before, neighbour, positions));
      expect(seen).toEqual(before.foreground);
    }
  });

  test('the order of the views changes nothing', () => {
    const rng = createRng(8);
    const views = randomViews(rng, 3, 50);
    const forwards = fillNeverVisible(findCorrespondences(views, { size: 3 }), 'rasterNeighbour');
    const reversed = findCorrespondences([...views].reverse(), { size: 3 });
    const backwards = fillNeverVisible(reversed, 'rasterNeighbour');
    for (let k = 0; k < 3; k++) {
      expect(backwards.visible.slice(50 * (2 - k), 50 * (3 - k))).toEqual(
        forwards.visible.slice(50 * k, 50 * (k + 1)),
      );
    }
  });

  test('without anything visible there is nothing to copy; without points there is nothing to do', () => {
    const behind = {
      u: Float64Array.of(Number.NaN),
      v: Float64Array.of(Number.NaN),
      depth: Float64Array.of(-1),
    };
    const camera = { width: 8, height: 8 };
    const hidden = findCorrespondences([{ projection: behind, camera }]);
    expect(() => fillNeverVisible(hidden, 'rasterNeighbour')).toThrow(ArgumentError);
    expect(() => fillNeverVisible(hidden, 'spatialNeighbour', new Float32Array(3))).toThrow(ArgumentError);
    const nothing = randomCorrespondences(1, 1, 0);
    expect(fillNeverVisible(nothing, 'rasterNeighbour').visible).toHaveLength(0);
  });

  test('refuses missing positions', () => {
    expect(() => fillNeverVisible(ninePoints(), 'spatialNeighbour')).toThrow(ShapeError);
    expect(() => fillNeverVisible(ninePoints(), 'spatialNeighbour', new Float32Array(26))).toThrow(
      ShapeError,
    );
  });
});
