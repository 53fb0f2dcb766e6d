import { FormatError } from '../errors.js';
import { inflateZlib } from '../inflate.js';
import type { PngChunks } from './png-chunks.js';

/** Samples of an image, row-major [H, W, channels]: as they stand in the file, 1 to 16 bits each. */
export type PngSamples = Uint8Array | Uint16Array;

/** A grid of pixels inside the image, transmitted as an image of its own. */
interface Pass {
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Inflates, unfilters, de-interlaces and unpacks the pixels of a PNG.
 *
 * @throws {@link FormatError} when the pixel data is damaged, or does not fill the image exactly.
 */
export function readPngSamples(png: PngChunks): PngSamples {
  const { width, height, depth, channels } = png;
  const passes = passesOf(png);
  const rowBytes = (columns: number): number => Math.ceil((columns * channels * depth) / 8);
  const size = passes.reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(columns)), 0);
  const filtered = inflateZlib(png.compressed, size);
  const pixelBytes = Math.max(1, (channels * depth) / 8);

  let samples: PngSamples | undefined;
  let start = 0;
  for (const pass of passes) {
    const bytesPerRow = rowBytes(pass.columns);
    const packed = unfilter(filtered, start, pass.rows, bytesPerRow, pixelBytes);
    start += pass.rows * (1 + bytesPerRow);
    if (depth === 8 && !png.isInterlaced) return packed; // nothing to unpack
    samples ??= new (depth === 16 ? Uint16Array : Uint8Array)(width * height * channels);
    scatter(packed, bytesPerRow, samples, pass, png);
  }
  if (samples === undefined) throw new FormatError('PNG', 'it has no pixels');
  return samples;
}

/** The whole image, or the seven grids of Adam7 (PNG, section 8.2) that have any pixels. */
function passesOf({ width, height, isInterlaced }: PngChunks): Pass[] {
  const grids = isInterlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]];
  return grids
    .map(([left, top, stepX, stepY]) => {
      const columns = Math.ceil((width - left) / stepX);
      return { left, top, stepX, stepY, columns, rows: Math.ceil((height - top) / stepY) };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/**
 * Undoes the filter of every row (PNG, section 9): each byte was stored as its difference from a guess made of the
 * bytes to its left, above, and above to the left.
 */
function unfilter(
  filtered: Uint8Array,
  start: number,
  rows: number,
  bytesPerRow: number,
  pixelBytes: number,
): Uint8Array {
  const result = new Uint8Array(rows * bytesPerRow);
  let from = start;
  for (let row = 0; row < rows; row++) {
    const filter = filtered[from++];
    const rowStart = row * bytesPerRow;
    const rowEnd = rowStart + bytesPerRow;
    const firstEnd = Math.min(rowStart + pixelBytes, rowEnd); // up to here there is nothing to the left
    // Above the first row everything is 0, and so `none` and `sub` remain of `up` and `Paeth`.
    const isTop = row === 0;
    let at = rowStart;
    if (filter === 0 || (filter === 2 && isTop)) {
      for (; at < rowEnd; at++) result[at] = filtered[from++];
    } else if (filter === 1 || (filter === 4 && isTop)) {
      for (; at < firstEnd; at++) result[at] = filtered[from++];
      for (; at < rowEnd; at++) result[at] = filtered[from++] + result[at - pixelBytes];
    } else if (filter === 2) {
      for (; at < rowEnd; at++) result[at] = filtered[from++] + result[at - bytesPerRow];
    } else if (filter === 3) {
      for (; at < rowEnd; at++) {
        const left = at < firstEnd ? 0 : result[at - pixelBytes];
        const above = isTop ? 0 : result[at - bytesPerRow];
        result[at] = filtered[from++] + ((left + above) >> 1);
      }
    } else if (filter === 4) {
      for (; at < firstEnd; at++) result[at] = filtered[from++] + result[at - bytesPerRow];
      for (; at < rowEnd; at++) {
        const left = result[at - pixelBytes];
        const above = result[at - bytesPerRow];
        const corner = result[at - bytesPerRow - pixelBytes];
        result[at] = filtered[from++] + paeth(left, above, corner);
      }
    } else {
      throw new FormatError('PNG', `row ${row} has the unknown filter ${filter}`);
    }
  }
  return result;
}

/** Whichever of the three is closest to left + above − corner; ties in this order. */
function paeth(left: number, above: number, corner: number): number {
  const fromLeft = Math.abs(above - corner);
  const fromAbove = Math.abs(left - corner);
  const fromCorner = Math.abs(left + above - 2 * corner);
  if (fromLeft <= fromAbove && fromLeft <= fromCorner) return left;
  return fromAbove <= fromCorner ? above : corner;
}

/** Unpacks the rows of a pass, highest bits first, to their places in the image. */
function scatter(
  packed: Uint8Array,
  bytesPerRow: number,
  samples: PngSamples,
  { left, top, stepX, stepY, columns, rows }: Pass,
  { width, depth, channels }: PngChunks,
): void {
  const mask = (1 << depth) - 1;
  for (let row = 0; row < rows; row++) {
    const rowStart = row * bytesPerRow;
    for (let column = 0; column < columns; column++) {
      const pixel = (top + row * stepY) * width + left + column * stepX;
      for (let channel = 0; channel < channels; channel++) {
        const sample = column * channels + channel;
        const at = pixel * channels + channel;
        if (depth === 16) {
          samples[at] = packed[rowStart + 2 * sample] * 256 + packed[rowStart + 2 * sample + 1];
        } else {
          const bit = sample * depth;
          samples[at] = (packed[rowStart + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask;
        }
      }
    }
  }
}
