import { type AnomalyMap, type Image, interpolate } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { DEPTH_BINS, type QuantisedPoints, RESOLUTION } from './quantise.js';

/** Pixels along each side of a view before it is enlarged: what pooling leaves of the grid. */
export const VIEW_SIZE = RESOLUTION - 2;

/**
 * A view of quantised points (section 9 of PointAD's specification): the nearest value of every cell; in each depth bin
 * the maximum of 7 × 7 cells, then a 3 × 3 Gaussian; over the bins the maximum; divided by its largest value, and
 * inverted, so that near is dark and the background 1. The cell (row, column) is the pixel (row − 1, column − 1).
 *
 * @returns [110, 110], in [0, 1]; 1 everywhere without points.
 */
export function depthView(points: QuantisedPoints): AnomalyMap {
  const nearest = new Float32Array(VIEW_SIZE * VIEW_SIZE);
  for (const [bin, cells] of nearestPerCell(points).entries()) {
    if (!points.bins.includes(bin)) continue;
    const blurred = blur(pool(cells));
    for (let pixel = 0; pixel < nearest.length; pixel++) {
      nearest[pixel] = Math.max(nearest[pixel], blurred[pixel]);
    }
  }
  const most = nearest.reduce((a, b) => Math.max(a, b), 0);
  return ndarray(
    nearest.map((value) => (most > 0 ? 1 - value / most : 1)),
    [VIEW_SIZE, VIEW_SIZE],
  );
}

/** A view as CLIP takes it, [size, size, 3]: enlarged with its corners in place, three equal channels of 8 bits. */
export function viewImage(view: AnomalyMap, size: number): Image {
  const grey = interpolate(view, size, size, { alignCorners: true }).data;
  const pixels = Uint8Array.from({ length: 3 * grey.length }, (_, i) =>
    Math.round(255 * grey[Math.floor(i / 3)]),
  );
  return ndarray(pixels, [size, size, 3]);
}

/** Per bin [112·112] the largest value of every cell, 0 where it is empty. */
function nearestPerCell({ rows, columns, bins, values }: QuantisedPoints): Float32Array[] {
  const grids = Array.from({ length: DEPTH_BINS }, () => new Float32Array(RESOLUTION * RESOLUTION));
  for (let point = 0; point < values.length; point++) {
    const cells = grids[bins[point]];
    const cell = rows[point] * RESOLUTION + columns[point];
    cells[cell] = Math.max(cells[cell], values[point]);
  }
  return grids;
}

/** The window of the maximum, and how far it reaches over the edge. */
const [POOL, PADDING] = [7, 2];

/** [112·112] → [110·110]: the maximum of 7 × 7 cells at stride 1, rows and columns one after the other. */
function pool(cells: Float32Array): Float32Array {
  const tall = new Float32Array(VIEW_SIZE * RESOLUTION);
  for (let row = 0; row < VIEW_SIZE; row++) {
    for (let from = Math.max(0, row - PADDING); from < Math.min(RESOLUTION, row - PADDING + POOL); from++) {
      for (let column = 0; column < RESOLUTION; column++) {
        const at = row * RESOLUTION + column;
        tall[at] = Math.max(tall[at], cells[from * RESOLUTION + column]);
      }
    }
  }
  const pooled = new Float32Array(VIEW_SIZE * VIEW_SIZE);
  for (let row = 0; row < VIEW_SIZE; row++) {
    for (let column = 0; column < VIEW_SIZE; column++) {
      const start = Math.max(0, column - PADDING);
      const end = Math.min(RESOLUTION, column - PADDING + POOL);
      let most = 0;
      for (let from = start; from < end; from++) most = Math.max(most, tall[row * RESOLUTION + from]);
      pooled[row * VIEW_SIZE + column] = most;
    }
  }
  return pooled;
}

/** Weights of a 3-tap Gaussian of standard deviation 3: beside the middle, and in it. */
const BESIDE = Math.exp(-1 / 18) / (1 + 2 * Math.exp(-1 / 18));
const MIDDLE = 1 - 2 * BESIDE;

/** [110·110], zeros around it. */
function blur(view: Float32Array): Float32Array {
  const across = blurAlong(view, 1, (pixel) => pixel % VIEW_SIZE);
  return blurAlong(across, VIEW_SIZE, (pixel) => Math.floor(pixel / VIEW_SIZE));
}

function blurAlong(view: Float32Array, step: number, placeOf: (pixel: number) => number): Float32Array {
  return view.map((value, pixel) => {
    const place = placeOf(pixel);
    const before = place > 0 ? view[pixel - step] : 0;
    const after = place < VIEW_SIZE - 1 ? view[pixel + step] : 0;
    return MIDDLE * value + BESIDE * (before + after);
  });
}
