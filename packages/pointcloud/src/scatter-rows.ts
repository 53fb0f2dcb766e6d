import type { Coordinates } from './check-points.js';

/**
 * Brings rows from tree order back to the order of the caller: row i of `rows` belongs to the point
 * `order[start + i]`.
 */
export function scatterRows(
  rows: Coordinates,
  order: Uint32Array,
  start: number,
  width: number,
  out: Coordinates,
): void {
  for (let from = 0, position = start; from < rows.length; from += width, position++) {
    const to = width * order[position];
    for (let i = 0; i < width; i++) out[to + i] = rows[from + i];
  }
}
