import { expect, test } from 'vitest';
import { depthView, viewImage } from './depth-view.js';
import type { QuantisedPoints } from './quantise.js';

/** Points from rows of [row, column, bin, value]. */
function points(...rows: [number, number, number, number][]): QuantisedPoints {
  const take = (i: number) => Uint8Array.from(rows, (row) => row[i]);
  return { rows: take(0), columns: take(1), bins: take(2), values: Float32Array.from(rows, (row) => row[3]) };
}

const beside = Math.exp(-1 / 18) / (1 + 2 * Math.exp(-1 / 18));

test('one point becomes a dark square of 7 × 7 pixels with soft edges', () => {
  // The cell (50, 60) is the pixel (49, 59). The maximum reaches from the pixel two above (its window ends there) to four
  // below in cells, so in pixels rows 46…52 and columns 56…62.
  const view = depthView(points([50, 60, 4, 3.5]));
  expect(view.shape).toEqual([110, 110]);
  expect(view.get(49, 59)).toBeCloseTo(0, 6);
  expect(view.get(47, 57)).toBeCloseTo(0, 6); // all nine neighbours are in the square
  expect(view.get(46, 59)).toBeCloseTo(beside, 6); // a third of the kernel is outside
  expect(view.get(45, 59)).toBeCloseTo(1 - beside, 6);
  expect(view.get(52, 62)).toBeCloseTo(1 - (1 - beside) ** 2, 6); // a corner
  expect(view.get(53, 63)).toBeCloseTo(1 - beside * beside, 6);
  expect(view.get(44, 59)).toBe(1);
  expect(view.get(54, 59)).toBe(1);
});

test('near is darker than far; in one cell the nearer value stays, of two bins the larger', () => {
  const view = depthView(
    points([30, 30, 1, 1], [80, 80, 6, 6], [80, 80, 6, 5.5], [30, 80, 3, 3], [30, 80, 2, 2]),
  );
  expect(view.get(79, 79)).toBeCloseTo(0, 6);
  expect(view.get(29, 29)).toBeCloseTo(1 - 1 / 6, 6);
  expect(view.get(29, 79)).toBeCloseTo(1 - 3 / 6, 6);
});

test('at the border nothing outside counts', () => {
  const view = depthView(points([1, 1, 4, 2]));
  expect(view.get(1, 1)).toBeCloseTo(0, 6);
  expect(view.get(0, 1)).toBeCloseTo(beside, 6); // the Gaussian sees zeros above
});

test('no points give a white view', () => {
  expect(depthView(points()).data.every((value) => value === 1)).toBe(true);
});

test('the enlarged image keeps its corners and has three equal channels', () => {
  const view = depthView(points([1, 1, 4, 2], [110, 110, 4, 2]));
  const image = viewImage(view, 219); // every pixel, and one between each two
  expect(image.shape).toEqual([219, 219, 3]);
  expect(image.get(0, 0, 0)).toBe(Math.round(255 * view.get(0, 0)));
  expect(image.get(218, 218, 2)).toBe(Math.round(255 * view.get(109, 109)));
  expect(image.get(8, 2, 1)).toBe(Math.round(255 * view.get(4, 1)));
  expect(image.get(9, 2, 1)).toBe(Math.round((255 * (view.get(4, 1) + view.get(5, 1))) / 2));
});
