import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import {
  crop,
  depthMap,
  maskResizeNearest,
  padToSquare,
  resizeNearest,
  type Scan,
  toOrganised,
  toUnorganised,
} from './organised.js';

/** A grid whose point at (row, column) is (row + 1, column + 1, 10·row + column + 1). */
function numberedGrid(height: number, width: number): OrganisedCloud {
  const xyz = new Float32Array(height * width * 3);
  for (let i = 0; i < height * width; i++) {
    const row = Math.floor(i / width);
    xyz.set([row + 1, (i % width) + 1, 10 * row + (i % width) + 1], 3 * i);
  }
  return { xyz: ndarray(xyz, [height, width, 3]) };
}

function scanOf(height: number, width: number): Scan {
  return {
    organised: numberedGrid(height, width),
    image: ndarray(
      Uint8Array.from({ length: height * width * 3 }, (_, i) => i + 1),
      [height, width, 3],
    ),
    mask: ndarray(new Uint8Array(height * width).fill(1), [height, width]),
  };
}

describe('toUnorganised', () => {
  const xyz = Float32Array.of(1, 2, 3, 0, 2, 3, 0, 0, 0, NaN, 1, 1, -1, -2, -3, Infinity, 1, 1);
  const grid: OrganisedCloud = { xyz: ndarray(xyz, [2, 3, 3]) };

  test("'any-zero' keeps the points without a zero coordinate, in raster order", () => {
    const { positions, index } = toUnorganised(grid);
    expect([...index]).toEqual([0, 4]);
    expect([...positions]).toEqual([1, 2, 3, -1, -2, -3]);
  });

  test("'all-zero' also keeps points with some zero coordinates", () => {
    expect([...toUnorganised(grid, { missing: 'all-zero' }).index]).toEqual([0, 1, 4]);
  });

  test('a strided view gives the points of its own raster order', () => {
    const transposed = { xyz: numberedGrid(2, 3).xyz.transpose(1, 0, 2) };
    const { positions, index } = toUnorganised(transposed);
    expect([...index]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...positions.subarray(3, 9)]).toEqual([2, 1, 11, 1, 2, 2]); // (row 1, column 0), (row 0, column 1)
  });

  test('a grid without points gives empty arrays', () => {
    const { positions, index } = toUnorganised({ xyz: ndarray(new Float32Array(12), [2, 2, 3]) });
    expect(positions).toHaveLength(0);
    expect(index).toHaveLength(0);
  });

  test('an array that is not [H, W, 3] is refused', () => {
    expect(() => toUnorganised({ xyz: ndarray(new Float32Array(6), [2, 3]) })).toThrow(ShapeError);
  });
});

describe('toOrganised', () => {
  test('puts the points back where toUnorganised found them', () => {
    const coordinate = fc.constantFrom(0, 1, -2, 0.5);
    const grids = fc.integer({ min: 0, max: 5 }).chain((height) =>
      fc.integer({ min: 1, max: 5 }).chain((width) =>
        fc.record({
          shape: fc.constant<number[]>([height, width, 3]),
          values: fc.array(coordinate, { minLength: height * width * 3, maxLength: height * width * 3 }),
        }),
      ),
    );
    fc.assert(
      fc.property(grids, ({ shape, values }) => {
        const grid = { xyz: ndarray(Float32Array.from(values), shape) };
        const { positions, index } = toUnorganised(grid, { missing: 'all-zero' });
        const back = toOrganised(positions, index, shape[0], shape[1]);
        expect(back.shape).toEqual(shape);
        expect([...back.data]).toEqual(values);
      }),
      { seed: 1 },
    );
  });

  test('scatters rows of any width', () => {
    const grid = toOrganised(Float64Array.of(1, 2, 3, 4), Uint32Array.of(3, 1), 2, 2, 2);
    expect([...grid.data]).toEqual([0, 0, 3, 4, 0, 0, 1, 2]);
    expect(grid.shape).toEqual([2, 2, 2]);
  });

  test('rows that do not match the indices, and indices outside the grid, are refused', () => {
    expect(() => toOrganised(new Float32Array(5), new Uint32Array(2), 2, 2)).toThrow(ShapeError);
    expect(() => toOrganised(new Float32Array(3), Uint32Array.of(4), 2, 2)).toThrow(ArgumentError);
  });
});

describe('resizeNearest', () => {
  const sourceRows = (from: number, to: number) => {
    const { xyz } = resizeNearest({ xyz: rowNumbers(from) }, to, 1);
    return Array.from({ length: to }, (_, row) => xyz.get(row, 0, 0));
  };
  const rowNumbers = (height: number) =>
    ndarray(
      Float32Array.from({ length: 3 * height }, (_, i) => Math.floor(i / 3)),
      [height, 1, 3],
    );

  test('800 rows become rows 0, 3, 7, 10, 14, 17, …, 796 of 224', () => {
    const rows = sourceRows(800, 224);
    expect(rows.slice(0, 6)).toEqual([0, 3, 7, 10, 14, 17]);
    expect(rows[223]).toBe(796);
  });

  test('at 600 rows float32 arithmetic differs from float64 in 2 of 224', () => {
    const inFloat64 = Array.from({ length: 224 }, (_, i) => Math.floor(i * (600 / 224)));
    expect(sourceRows(600, 224).filter((row, i) => row !== inFloat64[i])).toHaveLength(2);
  });

  test('rows and columns are resized independently, and never mixed', () => {
    const { xyz } = resizeNearest(numberedGrid(4, 6), 2, 3);
    expect(xyz.shape).toEqual([2, 3, 3]);
    expect([...xyz.data]).toEqual([1, 1, 1, 1, 3, 3, 1, 5, 5, 3, 1, 21, 3, 3, 23, 3, 5, 25]);
  });

  test('enlarging repeats points', () => {
    const { xyz } = resizeNearest(numberedGrid(1, 2), 2, 4);
    expect(Array.from({ length: 4 }, (_, column) => xyz.get(1, column, 1))).toEqual([1, 1, 2, 2]);
  });

  test('an empty grid and a size of 0 are refused', () => {
    expect(() => resizeNearest({ xyz: ndarray(new Float32Array(0), [0, 4, 3]) }, 2, 2)).toThrow(ShapeError);
    expect(() => resizeNearest(numberedGrid(2, 2), 0, 2)).toThrow(ArgumentError);
  });
});

describe('maskResizeNearest', () => {
  const sourceRows = (from: number, to: number, alignment?: 'centred' | 'same-as-xyz') => {
    // Row numbers do not fit into 8 bits: read their high and low halves one after the other.
    const half = (shift: number) =>
      maskResizeNearest(
        ndarray(
          Uint8Array.from({ length: from }, (_, row) => row >> shift),
          [from, 1],
        ),
        to,
        1,
        { alignment },
      ).data;
    const [low, high] = [half(0), half(8)];
    return Array.from(low, (value, i) => value + 256 * high[i]);
  };

  test('centred by default: 800 rows become 1, 5, 8, 12, 16, 19, …, 798', () => {
    const rows = sourceRows(800, 224);
    expect(rows.slice(0, 6)).toEqual([1, 5, 8, 12, 16, 19]);
    expect(rows[223]).toBe(798);
  });

  test("'same-as-xyz' takes the rows of resizeNearest", () => {
    expect(sourceRows(800, 224, 'same-as-xyz').slice(0, 6)).toEqual([0, 3, 7, 10, 14, 17]);
  });
});

describe('crop and padToSquare', () => {
  test('crop cuts the same rectangle out of all parts', () => {
    const { organised, image, mask } = crop(scanOf(3, 4), { top: 1, left: 2, height: 2, width: 1 });
    expect([...organised.xyz.data]).toEqual([2, 3, 13, 3, 3, 23]);
    expect([...(image?.data ?? [])]).toEqual([19, 20, 21, 31, 32, 33]);
    expect(mask?.shape).toEqual([2, 1]);
  });

  test('a box that leaves the grid is refused', () => {
    expect(() => crop(scanOf(3, 4), { top: 2, left: 0, height: 2, width: 1 })).toThrow(ArgumentError);
    expect(() => crop(scanOf(3, 4), { top: 0, left: -1, height: 2, width: 1 })).toThrow(ArgumentError);
  });

  test('600 × 800 becomes 800 × 800 with 100 rows above; 401 × 300 becomes 500 × 500', () => {
    const wide = padToSquare({ organised: { xyz: onePoint(600, 800, 0, 0) } }).organised.xyz;
    expect(wide.shape).toEqual([800, 800, 3]);
    expect(wide.get(100, 0, 2)).toBe(7);
    const tall = padToSquare({ organised: { xyz: onePoint(401, 300, 400, 299) } }).organised.xyz;
    expect(tall.shape).toEqual([500, 500, 3]);
    expect(tall.get(400 + 49, 299 + 100, 2)).toBe(7); // ⌊99 / 2⌋ above, 200 / 2 to the left
  });

  const onePoint = (height: number, width: number, row: number, column: number) => {
    const xyz = ndarray(new Float32Array(height * width * 3), [height, width, 3]);
    xyz.set(row, column, 2, 7);
    return xyz;
  };

  test('padding is zero in all parts, and cropping it away gives the scan back', () => {
    const scan = scanOf(2, 5);
    const padded = padToSquare(scan, 4);
    expect(padded.image?.shape).toEqual([8, 8, 3]);
    const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);
    expect(total(padded.organised.xyz.data)).toBe(total(scan.organised.xyz.data));
    expect(total(padded.mask?.data ?? [])).toBe(10);
    expect(crop(padded, { top: 3, left: 1, height: 2, width: 5 })).toEqual(scan);
  });

  test('a square of the right size is copied, not shared', () => {
    const scan = scanOf(4, 4);
    const padded = padToSquare(scan, 4);
    expect(padded).toEqual(scan);
    expect(padded.organised.xyz.data).not.toBe(scan.organised.xyz.data);
  });

  test('parts of different size are refused', () => {
    const scan = { ...scanOf(2, 5), mask: ndarray(new Uint8Array(10), [5, 2]) };
    expect(() => padToSquare(scan)).toThrow(ShapeError);
  });
});

test('depthMap is z where there is a point and 0 elsewhere', () => {
  const xyz = ndarray(Float32Array.of(1, 1, 0.5, 0, 1, 0.6, 1, 1, NaN, -1, -1, -2), [2, 2, 3]);
  expect([...depthMap({ xyz }).data]).toEqual([0.5, 0, 0, -2]);
  expect([...depthMap({ xyz }, { missing: 'all-zero' }).data]).toEqual([0.5, Math.fround(0.6), 0, -2]);
});
