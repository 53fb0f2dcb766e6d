/*
 * Filters of 0/1 masks, row-major [height, width].
 */

/**
 * Median over a square window: 1 where most of its pixels are 1. At the border the nearest pixel is repeated.
 *
 * @param size - Side of the window, odd.
 */
export function median(mask: Uint8Array, height: number, width: number, size: number): Uint8Array {
  const radius = size >> 1;
  const rows = windowSums(mask, height, width, radius);
  // Columns of the transposed array are rows: the same pass twice.
  const sums = windowSums(transpose(rows, height, width), width, height, radius);
  const result = new Uint8Array(mask.length);
  const half = (size * size) >> 1;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) result[i * width + j] = Number(sums[j * height + i] > half);
  }
  return result;
}

/** 1 where any pixel of a square window is 1; outside nothing is. */
export function dilate(mask: Uint8Array, height: number, width: number, size: number): Uint8Array {
  const spread = (from: Uint8Array, lines: number, length: number) => {
    const to = new Uint8Array(from.length);
    const radius = size >> 1;
    for (let line = 0; line < lines; line++) {
      const start = line * length;
      let last = Number.NEGATIVE_INFINITY; // the last 1 that has come into the window
      for (let i = -radius; i < length; i++) {
        if (i + radius < length && from[start + i + radius] !== 0) last = i + radius;
        if (i >= 0 && last >= i - radius) to[start + i] = 1;
      }
    }
    return to;
  };
  const wide = spread(mask, height, width);
  return transpose(spread(transpose(wide, height, width), width, height), width, height);
}

/** 0 where any pixel of a square window inside the image is 0; what lies outside counts as 1. */
export function erode(mask: Uint8Array, height: number, width: number, size: number): Uint8Array {
  return inverted(dilate(inverted(mask), height, width, size));
}

/** 1 − mask. */
export function inverted(mask: Uint8Array): Uint8Array {
  return mask.map((value) => Number(value === 0));
}

function windowSums(values: Uint8Array, lines: number, length: number, radius: number): Uint8Array {
  const sums = new Uint8Array(values.length);
  for (let line = 0; line < lines; line++) {
    const start = line * length;
    const at = (i: number) => values[start + Math.min(Math.max(i, 0), length - 1)];
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += at(i);
    for (let i = 0; i < length; i++) {
      sums[start + i] = sum;
      sum += at(i + radius + 1) - at(i - radius);
    }
  }
  return sums;
}

function transpose(values: Uint8Array, height: number, width: number): Uint8Array {
  const result = new Uint8Array(values.length);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) result[j * height + i] = values[i * width + j];
  }
  return result;
}
