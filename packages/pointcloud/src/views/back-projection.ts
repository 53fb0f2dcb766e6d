import { ArgumentError, ShapeError } from '@anomclip/core';
import { checkChoice, checkCount } from '../check-points.js';
import type { Correspondences } from './correspondences.js';
import type { SparseRows } from './sparse-rows.js';

/** What the sum over views is divided by: the views that show the point, or all. */
export type ViewNormalization = 'visibleCount' | 'viewCount';

export interface BackProjectionOptions {
  /** @defaultValue 'visibleCount' */
  viewNormalization?: ViewNormalization;
  /**
   * Cells along each side of the maps that are read. Maps smaller or larger than the images are read as if they were
   * resized to them first, bilinearly with half-pixel centres and without antialiasing.
   * @defaultValue `correspondences.size`: one map value per pixel
   */
  mapSize?: number;
}

/**
 * The average of the views' maps at the points (`pointad.md` 4.3), as a matrix [N, V · mapSize²]:
 * S_j = Σ_k v_kj · M_k[y_kj, x_kj] / Σ_k v_kj, or / V. It is applied to maps by {@link multiplyRows}, row-major
 * [V, mapSize, mapSize, channels], and to gradients by {@link multiplyTransposedRows}.
 *
 * A point that no view shows, background among them, has an empty row and so the value 0; see
 * {@link fillNeverVisible}. Reading patch maps directly, for example `mapSize: 24` for 336 pixels, is the exact
 * composition of resizing and reading: at most 4 entries per view, and no large map is ever made.
 *
 * @throws {@link ShapeError} when the arrays do not have V · N entries.
 * @throws {@link ArgumentError} when an option cannot be, or a pixel lies outside the images.
 */
export function backProjection(
  correspondences: Correspondences,
  options: BackProjectionOptions = {},
): SparseRows {
  const { viewNormalization = 'visibleCount', mapSize = correspondences.size } = options;
  const where = 'backProjection';
  checkChoice(where, 'viewNormalization', viewNormalization, ['visibleCount', 'viewCount']);
  checkCount(where, 'mapSize', mapSize);
  checkSizes(where, correspondences);
  const { viewCount, pointCount, size, pixels, visible } = correspondences;
  const counts = visibleCounts(correspondences);
  const taps = linearTaps(size, mapSize);

  const most = counts.reduce((sum, count) => sum + count, 0) * (taps.perPixel * taps.perPixel);
  const starts = new Uint32Array(pointCount + 1);
  const columns = new Uint32Array(most);
  const weights = new Float32Array(most);
  let entries = 0;
  for (let point = 0; point < pointCount; point++) {
    const divisor = viewNormalization === 'visibleCount' ? counts[point] : viewCount;
    for (let view = 0; view < viewCount; view++) {
      const at = view * pointCount + point;
      if (!visible[at]) continue;
      const x = taps.perPixel * pixels[2 * at];
      const y = taps.perPixel * pixels[2 * at + 1];
      for (let row = y; row < y + taps.perPixel; row++) {
        if (taps.weights[row] === 0) continue;
        const line = (view * mapSize + taps.cells[row]) * mapSize;
        for (let column = x; column < x + taps.perPixel; column++) {
          if (taps.weights[column] === 0) continue;
          columns[entries] = line + taps.cells[column];
          weights[entries++] = (taps.weights[row] * taps.weights[column]) / divisor;
        }
      }
    }
    starts[point + 1] = entries;
  }
  return {
    rowCount: pointCount,
    columnCount: viewCount * mapSize * mapSize,
    starts,
    columns: columns.slice(0, entries),
    weights: weights.slice(0, entries),
  };
}

/** [N] the number of views that show each point. */
export function visibleCounts({ viewCount, pointCount, visible }: Correspondences): Uint16Array {
  const counts = new Uint16Array(pointCount);
  for (let view = 0; view < viewCount; view++) {
    const start = view * pointCount;
    for (let point = 0; point < pointCount; point++) counts[point] += visible[start + point];
  }
  return counts;
}

/** Where a pixel of a resized axis comes from: `perPixel` cells each, weight 0 where one is not needed. */
interface LinearTaps {
  readonly perPixel: 1 | 2;
  readonly cells: Uint32Array;
  readonly weights: Float64Array;
}

/** t = max(0, (i + 0.5) · mapSize / size − 0.5), cells ⌊t⌋ and ⌊t⌋ + 1, weight t − ⌊t⌋ on the second. */
function linearTaps(size: number, mapSize: number): LinearTaps {
  if (mapSize === size) {
    return {
      perPixel: 1,
      cells: Uint32Array.from({ length: size }, (_, i) => i),
      weights: new Float64Array(size).fill(1),
    };
  }
  const cells = new Uint32Array(2 * size);
  const weights = new Float64Array(2 * size);
  for (let i = 0; i < size; i++) {
    const position = Math.max(0, ((i + 0.5) * mapSize) / size - 0.5);
    const cell = Math.min(Math.floor(position), mapSize - 1);
    const fraction = cell + 1 < mapSize ? position - cell : 0;
    cells.set([cell, cell + 1], 2 * i);
    weights.set([1 - fraction, fraction], 2 * i);
  }
  return { perPixel: 2, cells, weights };
}

function checkSizes(
  where: string,
  { viewCount, pointCount, size, pixels, visible, foreground }: Correspondences,
): void {
  const total = viewCount * pointCount;
  for (const [name, length, expected] of [
    ['pixels', pixels.length, 2 * total],
    ['visible', visible.length, total],
    ['foreground', foreground.length, pointCount],
  ] as const) {
    if (length !== expected) throw new ShapeError(`${where}: ${name}`, `[${expected}] entries`, [length]);
  }
  const outside = pixels.findIndex((pixel) => pixel >= size);
  if (outside >= 0) throw new ArgumentError(`${where}: pixels`, `pixels below ${size}`, pixels[outside]);
}
