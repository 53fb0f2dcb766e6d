import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectedComponents } from './connected-components.js';
import { draw, floodRegions, maskOf } from './fixtures.js';

const anyMask = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([height, width]) =>
    fc
      .array(fc.constantFrom(0, 0, 1, 255), { minLength: height * width, maxLength: height * width })
      .map((values) => maskOf(values, height, width)),
  );

describe('connectedComponents', () => {
  test('finds the regions that flooding finds, numbered by their first pixel', () => {
    fc.assert(
      fc.property(anyMask, fc.constantFrom(4 as const, 8 as const), (mask, connectivity) => {
        const expected = floodRegions(mask, connectivity);
        const { labels, count, sizes } = connectedComponents(mask, { connectivity });
        expect(Array.from(labels)).toEqual(expected);
        expect(count).toBe(Math.max(0, ...expected));
        expect(Array.from(sizes)).toEqual(
          Array.from({ length: count }, (_, i) => expected.filter((label) => label === i + 1).length),
        );
      }),
      { seed: 6, numRuns: 400 },
    );
  });

  test('joins pixels that touch at a corner only with connectivity 8', () => {
    const corner = draw('#.', '.#');
    expect(connectedComponents(corner).count).toBe(1);
    expect(connectedComponents(corner, { connectivity: 4 }).count).toBe(2);
    // The other diagonal, and the ends of rows, which are no neighbours.
    expect(connectedComponents(draw('.#', '#.')).count).toBe(1);
    expect(connectedComponents(draw('..#', '#..')).count).toBe(2);
  });

  test('joins the arms of a spiral late', () => {
    expect(connectedComponents(draw('#.#', '#.#', '###'), { connectivity: 4 }).count).toBe(1);
    expect(connectedComponents(draw('#.#.#', '#.#.#', '#####'), { connectivity: 4 }).sizes).toEqual(
      Uint32Array.of(11),
    );
  });

  test('leaves regions below minRegionSize out of labels, count and sizes', () => {
    const mask = draw('#..##', '...##', '#....');
    const { labels, count, sizes } = connectedComponents(mask, { minRegionSize: 2 });
    expect(count).toBe(1);
    expect(Array.from(sizes)).toEqual([4]);
    expect(Array.from(labels)).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
  });

  test('reads strided and offset views, and masks that do not start at a word', () => {
    const data = Uint8Array.of(9, 0, 7, 0, 0, 7, 0);
    // Element (i, j) at 2 + i + 3 j: the transpose of [[7, 0, 0], [7, 0, …]].
    const view = { data, shape: [2, 2], stride: [1, 3], offset: 2 };
    expect(Array.from(connectedComponents(view).labels)).toEqual([1, 1, 0, 0]);
    const shifted = { data: data.subarray(1), shape: [2, 3], stride: [3, 1], offset: 0 };
    expect(Array.from(connectedComponents(shifted).labels)).toEqual([0, 1, 0, 0, 1, 0]);
  });

  test('takes an empty mask, and refuses a wrong shape, connectivity and data', () => {
    expect(connectedComponents(maskOf([], 0, 4))).toMatchObject({ count: 0 });
    expect(() => connectedComponents({ ...draw('##'), shape: [2] })).toThrow(/shape \[H, W\], got \[2\]/);
    expect(() => connectedComponents({ ...draw('##'), shape: [2, 2] })).toThrow(/data that holds \[2, 2\]/);
    expect(() => connectedComponents(draw('#'), { connectivity: 6 as 4 })).toThrow(
      /connectivity 4 or 8, got 6/,
    );
    expect(() => connectedComponents(draw('#'), { minRegionSize: 0 })).toThrow(/minRegionSize/);
  });
});
