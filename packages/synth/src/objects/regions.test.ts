import { expect, test } from 'vitest';
import { regionSizes } from './regions.js';

const parse = (rows: string[]) => Uint8Array.from(rows.join(''), (pixel) => (pixel === '#' ? 1 : 0));

test('regions touch over corners and not over the ends of rows', () => {
  expect(regionSizes(parse(['#...#', '.#..#', '.....', '#...#']), 5)).toEqual([2, 2, 1, 1]);
});

test('a spiral is one region, an empty mask has none', () => {
  const spiral = ['#####', '#...#', '#.#.#', '#.###'];
  expect(regionSizes(parse(spiral), 5)).toEqual([5 + 2 + 3 + 4]);
  expect(regionSizes(new Uint8Array(20), 5)).toEqual([]);
});
