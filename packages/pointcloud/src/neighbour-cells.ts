import { assignCells, type Cells, listByCell, minimumOf, type PointsByCell, sortCells } from './cell-grid.js';
import type { Coordinates } from './check-points.js';

/**
 * Points in cells so small that any two points of one cell are closer than a radius; all neighbours of a point
 * then lie within two cells of its own. Cells are numbered by their coordinates.
 */
export interface NeighbourCells extends Cells, PointsByCell {
  readonly squaredRadius: number;
  /** xyz triples in the order of `order`, so that a cell is one contiguous run. */
  readonly sorted: Float64Array;
  /** [cells, 6] tight bounding box of each cell: minimum xyz, maximum xyz. */
  readonly boxes: Float64Array;
}

/** Prepares `points` (xyz triples, finite) for questions about neighbours closer than `radius`. */
export function buildNeighbourCells(where: string, points: Coordinates, radius: number): NeighbourCells {
  // Slightly below radius / √3: rounding in the cell index must not put two points `radius` apart together.
  const side = (radius / Math.sqrt(3)) * (1 - 1e-6);
  const cells = sortCells(assignCells(where, points, side, minimumOf(points)));
  const { order, starts } = listByCell(cells);
  const sorted = new Float64Array(points.length);
  const boxes = new Float64Array(6 * cells.cellCount);
  for (let cell = 0; cell < cells.cellCount; cell++) {
    boxes.fill(Infinity, 6 * cell, 6 * cell + 3).fill(-Infinity, 6 * cell + 3, 6 * cell + 6);
    for (let rank = starts[cell]; rank < starts[cell + 1]; rank++) {
      for (let axis = 0; axis < 3; axis++) {
        const value = points[3 * order[rank] + axis];
        sorted[3 * rank + axis] = value;
        if (value < boxes[6 * cell + axis]) boxes[6 * cell + axis] = value;
        if (value > boxes[6 * cell + 3 + axis]) boxes[6 * cell + 3 + axis] = value;
      }
    }
  }
  return { ...cells, order, starts, squaredRadius: radius * radius, sorted, boxes };
}

/**
 * Calls `visit` for every cell with the occupied cells at most `reach` away along each axis, itself among them.
 * The list is reused by the next call.
 */
export function forEachNeighbourhood(
  { cellCount, coordinates }: Cells,
  reach: number,
  visit: (cell: number, around: Uint32Array, aroundCount: number) => void,
): void {
  const width = 2 * reach + 1;
  const around = new Uint32Array(width ** 3);
  // The neighbours in one column (fixed x and y) are a run of the sorted cells, and it only moves forward while
  // the cells are visited in their order: one pointer per column replaces all look-ups.
  const columnStarts = new Uint32Array(width * width);
  for (let cell = 0; cell < cellCount; cell++) {
    let aroundCount = 0;
    for (let column = 0; column < columnStarts.length; column++) {
      const x = coordinates[3 * cell] + Math.floor(column / width) - reach;
      const y = coordinates[3 * cell + 1] + (column % width) - reach;
      const z = coordinates[3 * cell + 2];
      let next = columnStarts[column];
      while (next < cellCount && isBefore(coordinates, 3 * next, x, y, z - reach)) next++;
      columnStarts[column] = next;
      while (next < cellCount && isBefore(coordinates, 3 * next, x, y, z + reach + 1))
        around[aroundCount++] = next++;
    }
    visit(cell, around, aroundCount);
  }
}

/**
 * Which points have at least `count` points closer than the radius, themselves included: [N], 1 or 0. Stops
 * counting at `count`, and takes whole cells where it can.
 */
export function densePoints(cells: NeighbourCells, count: number): Uint8Array {
  const { order, starts, sorted, boxes, squaredRadius } = cells;
  const dense = new Uint8Array(order.length);
  forEachNeighbourhood(cells, 2, (cell, around, aroundCount) => {
    const size = starts[cell + 1] - starts[cell];
    for (let rank = starts[cell]; rank < starts[cell + 1]; rank++) {
      const x = sorted[3 * rank];
      const y = sorted[3 * rank + 1];
      const z = sorted[3 * rank + 2];
      let found = size;
      for (let k = 0; k < aroundCount && found < count; k++) {
        const other = around[k];
        if (other === cell || squaredDistanceToBox(boxes, 6 * other, x, y, z) >= squaredRadius) continue;
        if (squaredDistanceToFarCorner(boxes, 6 * other, x, y, z) < squaredRadius) {
          found += starts[other + 1] - starts[other];
          continue;
        }
        for (let i = starts[other]; i < starts[other + 1] && found < count; i++) {
          if (squaredDistance(sorted, i, x, y, z) < squaredRadius) found++;
        }
      }
      if (found >= count) dense[order[rank]] = 1;
    }
  });
  return dense;
}

/** Squared distance of point `index` of `points` to (x, y, z). */
export function squaredDistance(
  points: Float64Array,
  index: number,
  x: number,
  y: number,
  z: number,
): number {
  const dx = points[3 * index] - x;
  const dy = points[3 * index + 1] - y;
  const dz = points[3 * index + 2] - z;
  return dx * dx + dy * dy + dz * dz;
}

/** Squared distance of (x, y, z) to the box at `boxes[box]`, 0 inside: no point of the box is closer. */
export function squaredDistanceToBox(
  boxes: Float64Array,
  box: number,
  x: number,
  y: number,
  z: number,
): number {
  const dx = Math.max(boxes[box] - x, 0, x - boxes[box + 3]);
  const dy = Math.max(boxes[box + 1] - y, 0, y - boxes[box + 4]);
  const dz = Math.max(boxes[box + 2] - z, 0, z - boxes[box + 5]);
  return dx * dx + dy * dy + dz * dz;
}

function squaredDistanceToFarCorner(
  boxes: Float64Array,
  box: number,
  x: number,
  y: number,
  z: number,
): number {
  const dx = Math.max(x - boxes[box], boxes[box + 3] - x);
  const dy = Math.max(y - boxes[box + 1], boxes[box + 4] - y);
  const dz = Math.max(z - boxes[box + 2], boxes[box + 5] - z);
  return dx * dx + dy * dy + dz * dz;
}

/** Whether the cell at `coordinates[i]` comes before (x, y, z) in the order of the cells. */
function isBefore(coordinates: Int32Array, i: number, x: number, y: number, z: number): boolean {
  if (coordinates[i] !== x) return coordinates[i] < x;
  if (coordinates[i + 1] !== y) return coordinates[i + 1] < y;
  return coordinates[i + 2] < z;
}
