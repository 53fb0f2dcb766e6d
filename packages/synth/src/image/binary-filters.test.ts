import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { dilate, erode, inverted, median } from './binary-filters.js';

const [height, width] = [13, 17];
const rng = createRng('filters');
const masks = [0.03, 0.5, 0.9].map((share) =>
  Uint8Array.from({ length: height * width }, () => Number(rng.boolean(share))),
);

/** Pixels of the window around every pixel; those outside by the nearest pixel or left out. */
function windows(mask: Uint8Array, size: number, outside: 'nearest' | 'none'): number[][] {
  return Array.from(mask, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const values: number[] = [];
    for (let i = row - (size >> 1); i <= row + (size >> 1); i++) {
      for (let j = column - (size >> 1); j <= column + (size >> 1); j++) {
        const [y, x] = [Math.min(Math.max(i, 0), height - 1), Math.min(Math.max(j, 0), width - 1)];
        if (outside === 'nearest' || (y === i && x === j)) values.push(mask[y * width + x]);
      }
    }
    return values;
  });
}

test.each([1, 3, 7, 15])('with a window of %d, each filter equals its definition', (size) => {
  for (const mask of masks) {
    const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
    expect([...median(mask, height, width, size)]).toEqual(windows(mask, size, 'nearest').map(middle));
    expect([...dilate(mask, height, width, size)]).toEqual(
      windows(mask, size, 'none').map((v) => Math.max(...v)),
    );
    expect([...erode(mask, height, width, size)]).toEqual(
      windows(mask, size, 'none').map((v) => Math.min(...v)),
    );
    expect(inverted(inverted(mask))).toEqual(mask);
  }
});
