import { describe, expect, test } from 'vitest';
import { aupro } from './aupro.js';
import { draw, maskOf } from './fixtures.js';
import { edgeMap, foregroundMap } from './reference-maps.js';

/** Numbers in [0, 1) from the generator of the specification. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('foregroundMap', () => {
  test('is 1 on the object and 0 elsewhere, plus a thousandth of the numbers it is given', () => {
    const numbers = [0.5, 0, 0.25, 0.75];
    const map = foregroundMap(draw('#.', '.#'), () => numbers.shift() ?? 0);
    expect(map.shape).toEqual([2, 2]);
    for (const [i, value] of [1.0005, 0, 0.00025, 1.00075].entries())
      expect(map.data[i]).toBeCloseTo(value, 6);
  });

  test.each([
    [0.1, 1 - 0.1 / 0.6],
    [0.3, 0.5],
    [0.5, 0.15 / 0.5],
  ])('with an object on %d of the image has AUPRO %d, having learned nothing', (share, expected) => {
    const random = generator(3);
    const side = 100;
    const valid = maskOf(
      Array.from({ length: side * side }, (_, i) => (i < share * side * side ? 1 : 0)),
      side,
      side,
    );
    const masks = [5, 37, 71].map((column) =>
      maskOf(
        Array.from({ length: side * side }, (_, i) =>
          i < 5 * side && Math.abs((i % side) - column) < 3 ? 1 : 0,
        ),
        side,
        side,
      ),
    );
    const maps = masks.map(() => foregroundMap(valid, random));
    expect(Math.abs(aupro(maps, masks, { mode: 'exact' }).value - expected)).toBeLessThan(0.06);
  });
});

describe('edgeMap', () => {
  test('is minus the distance to the nearest pixel off the object, and lowest off it', () => {
    const valid = draw('.......', '.#####.', '.#####.', '.#####.', '......#');
    const { data, shape } = edgeMap(valid);
    expect(shape).toEqual([5, 7]);
    const [height, width] = shape;
    for (let i = 0; i < height * width; i++) {
      const [row, column] = [Math.floor(i / width), i % width];
      const distances = Array.from(valid.data.keys())
        .filter((j) => valid.data[j] === 0)
        .map((j) => Math.hypot(Math.floor(j / width) - row, (j % width) - column));
      const expected = valid.data[i] === 0 ? -Math.hypot(height, width) : -Math.min(...distances);
      expect(data[i]).toBeCloseTo(expected, 5);
    }
    expect(data[2 * width + 3]).toBe(-2);
  });

  test('scores every pixel alike where there is no rim', () => {
    expect(Array.from(edgeMap(draw('##', '##')).data)).toEqual(
      new Array(4).fill(-Math.fround(Math.hypot(2, 2))),
    );
    expect(edgeMap(maskOf([], 0, 0)).data).toHaveLength(0);
  });
});
