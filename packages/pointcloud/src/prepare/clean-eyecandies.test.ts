import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { countDifferences } from '../testing/count-differences.js';
import { cleanEyecandies } from './clean-eyecandies.js';
import { prepareEyecandies } from './prepare-eyecandies.js';

/**
 * A conveyor tilted about x by `tilt` radians, with a ball of radius 0.3 half sunk into it, seen on a grid; the pixel of
 * (row, column) is above (column / W − 0.5, row / H − 0.5) · 3.
 */
function ballOnConveyor(height: number, width: number, tilt: number) {
  const xyz = new Float32Array(3 * height * width);
  const isBall = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = 3 * (column / width - 0.5);
      const along = 3 * (0.5 - row / (height - 1)); // from the last row to the first
      const up = Math.sqrt(Math.max(0, 0.09 - x * x - along * along));
      const pixel = row * width + column;
      isBall[pixel] = Number(up > 0.02);
      // In the frame of the conveyor (x, −up, along), turned by the tilt and shifted.
      const [c, s] = [Math.cos(tilt), Math.sin(tilt)];
      xyz.set([x, c * -up + s * along + 0.7, -s * -up + c * along + 2], 3 * pixel);
    }
  }
  return { points: { xyz: ndarray(xyz, [height, width, 3]) }, isBall };
}

describe('cleanEyecandies', () => {
  test.each(['middle', 'released'] as const)(
    'at 512 the %s columns find the ball, whatever the tilt',
    (tiltColumns) => {
      for (const tilt of [0, 0.3, -0.2]) {
        const { points, isBall } = ballOnConveyor(512, 512, tilt);
        const { foreground, organised } = cleanEyecandies(points, { tiltColumns });
        expect(countDifferences(foreground, isBall)).toBe(0);
        const from = contiguous(points.xyz);
        const to = contiguous(organised.xyz);
        for (let i = 0; i < to.length; i += 3) {
          const expected = isBall[i / 3] ? [0.1 * from[i], -0.1 * from[i + 2], 0.1 * from[i + 1]] : [0, 0, 0];
          if (expected.some((value, axis) => Math.fround(value) !== to[i + axis]))
            expect(to.slice(i, i + 3)).toEqual(expected);
        }
      }
    },
  );

  test('at 336 the released columns are 256 and 80, which changes nothing on a straight conveyor', () => {
    const { points, isBall } = ballOnConveyor(336, 336, 0.3);
    expect(countDifferences(cleanEyecandies(points).foreground, isBall)).toBe(0);
    const released = { tiltColumns: 'released' } as const;
    expect(countDifferences(cleanEyecandies(points, released).foreground, isBall)).toBe(0);
    // On one whose side stands up it does.
    const xyz = ndarray(contiguous(points.xyz).slice(), [336, 336, 3]);
    xyz.set(0, 256, 1, xyz.get(0, 256, 1) - 1.5);
    // (Cell 256 itself may change sides.)
    expect(countDifferences(cleanEyecandies({ xyz }).foreground, isBall)).toBeLessThanOrEqual(1);
    expect(countDifferences(cleanEyecandies({ xyz }, released).foreground, isBall)).toBeGreaterThan(1000);
  });

  test('what is far behind or beside is background too, and so is NaN', () => {
    const { points } = ballOnConveyor(64, 64, 0);
    const xyz = ndarray(contiguous(points.xyz).slice(), [64, 64, 3]);
    const [y, depth] = [xyz.get(32, 32, 1), xyz.get(63, 32, 2)];
    const cases = [
      [0.5, y, depth + 1, 1],
      [1.01, y, depth + 1, 0],
      [-1.01, y, depth + 1, 0],
      [0.5, y, depth + 1.81, 0],
      [0.5, Number.NaN, depth + 1, 0],
    ];
    cases.forEach(([x, py, pz, kept], i) => {
      xyz.set(5, i, 0, x);
      xyz.set(5, i, 1, py);
      xyz.set(5, i, 2, pz);
      expect(cleanEyecandies({ xyz }).foreground[5 * 64 + i], `case ${i}`).toBe(kept);
    });
  });

  test('refuses grids that show no tilt', () => {
    const flat = { xyz: ndarray(new Float32Array(3 * 400), [20, 20, 3]) };
    expect(() => cleanEyecandies(flat)).toThrow(ArgumentError);
    const small = ballOnConveyor(10, 10, 0).points;
    expect(() => cleanEyecandies(small, { tiltColumns: 'released' })).toThrow(ShapeError);
    expect(() => cleanEyecandies({ xyz: ndarray(new Float32Array(0), [0, 4, 3]) })).toThrow(ShapeError);
    expect(() => cleanEyecandies({ xyz: ndarray(new Float32Array(6), [2, 3]) })).toThrow(ShapeError);
  });
});

describe('prepareEyecandies', () => {
  test('resizes by the nearest pixel, then cleans; the image keeps its background', () => {
    const { points, isBall } = ballOnConveyor(512, 512, 0.1);
    const prepared = prepareEyecandies({
      organised: points,
      image: ndarray(new Uint8Array(3 * 512 * 512).fill(90), [512, 512, 3]),
      mask: ndarray(isBall, [512, 512]),
    });
    expect(prepared.grid).toEqual([336, 336]);
    expect(prepared.foreground.includes(1)).toBe(true);
    expect(countDifferences(prepared.labels, prepared.foreground)).toBe(0); // the mask of the ball is resized as its points are
    expect(countDifferences(prepared.targets, prepared.labels)).toBeGreaterThan(0); // and bilinearly for the evaluation
    expect(prepared.image?.data.every((value) => value === 90)).toBe(true);
  });
});
