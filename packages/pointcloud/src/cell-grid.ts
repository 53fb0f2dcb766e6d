import { ArgumentError } from '@anomclip/core';
import type { Coordinates } from './check-points.js';
import type { Xyz } from './xyz.js';

/** Which cube of a regular grid each point lies in. Only occupied cells exist. */
export interface Cells {
  readonly cellCount: number;
  /** [cells, 3] integer coordinates of each cell: ⌊(p − origin) / side⌋ of its points. */
  readonly coordinates: Int32Array;
  /** [N] cell of each point. */
  readonly cellOf: Uint32Array;
}

/** Points listed cell after cell. */
export interface PointsByCell {
  /** [N] point indices, ascending within each cell. */
  readonly order: Uint32Array;
  /** [cells + 1] where each cell starts in `order`. */
  readonly starts: Uint32Array;
}

/**
 * Assigns points to cells of the given side, numbered in the order of their first point; linear time and memory.
 *
 * @param points - xyz triples, finite, length 3·N.
 * @param origin - At most the minimum of the points.
 * @throws {@link ArgumentError} when the points span more than 2³¹ cells along an axis.
 */
export function assignCells(where: string, points: Coordinates, side: number, origin: Xyz): Cells {
  const count = points.length / 3;
  const [ox, oy, oz] = origin;
  const coordinates = new Int32Array(3 * count);
  const cellOf = new Uint32Array(count);
  const table = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 2))).fill(-1); // open addressing
  const mask = table.length - 1;
  let cellCount = 0;
  for (let i = 0; i < count; i++) {
    const x = Math.floor((points[3 * i] - ox) / side);
    const y = Math.floor((points[3 * i + 1] - oy) / side);
    const z = Math.floor((points[3 * i + 2] - oz) / side);
    if (!(Math.max(x, y, z) < MAX_CELLS)) {
      throw new ArgumentError(where, 'a cloud of fewer than 2^31 cells along each axis', Math.max(x, y, z));
    }
    let slot = hash(x, y, z) & mask;
    while (table[slot] !== -1 && !isAt(coordinates, 3 * table[slot], x, y, z)) slot = (slot + 1) & mask;
    if (table[slot] === -1) {
      coordinates[3 * cellCount] = x;
      coordinates[3 * cellCount + 1] = y;
      coordinates[3 * cellCount + 2] = z;
      table[slot] = cellCount++;
    }
    cellOf[i] = table[slot];
  }
  return { cellCount, coordinates: coordinates.slice(0, 3 * cellCount), cellOf };
}

/** The same cells numbered by their coordinates: by x, then y, then z. */
export function sortCells({ cellCount, coordinates, cellOf }: Cells): Cells {
  const sorted = Uint32Array.from({ length: cellCount }, (_, cell) => cell).sort(
    (a, b) =>
      coordinates[3 * a] - coordinates[3 * b] ||
      coordinates[3 * a + 1] - coordinates[3 * b + 1] ||
      coordinates[3 * a + 2] - coordinates[3 * b + 2],
  );
  const numberOf = new Uint32Array(cellCount);
  const sortedCoordinates = new Int32Array(3 * cellCount);
  sorted.forEach((cell, number) => {
    numberOf[cell] = number;
    for (let axis = 0; axis < 3; axis++) sortedCoordinates[3 * number + axis] = coordinates[3 * cell + axis];
  });
  return { cellCount, coordinates: sortedCoordinates, cellOf: cellOf.map((cell) => numberOf[cell]) };
}

/** Lists the points of every cell, by counting sort. */
export function listByCell({ cellCount, cellOf }: Cells): PointsByCell {
  const starts = new Uint32Array(cellCount + 1);
  for (const cell of cellOf) starts[cell + 1]++;
  for (let cell = 0; cell < cellCount; cell++) starts[cell + 1] += starts[cell];
  const next = starts.slice(0, cellCount);
  const order = new Uint32Array(cellOf.length);
  for (let i = 0; i < cellOf.length; i++) order[next[cellOf[i]]++] = i;
  return { order, starts };
}

/** Componentwise minimum of the points; (Infinity, Infinity, Infinity) of none. */
export function minimumOf(points: Coordinates): Xyz {
  let x = Infinity;
  let y = Infinity;
  let z = Infinity;
  for (let i = 0; i < points.length; i += 3) {
    if (points[i] < x) x = points[i];
    if (points[i + 1] < y) y = points[i + 1];
    if (points[i + 2] < z) z = points[i + 2];
  }
  return [x, y, z];
}

const MAX_CELLS = 2 ** 31;

function hash(x: number, y: number, z: number): number {
  let mixed = Math.imul(x, 0x8da6b343) ^ Math.imul(y, 0xd8163841) ^ Math.imul(z, 0xcb1ab31f);
  // Neighbouring cells differ in few bits; the table uses the low ones, so fold the high ones into them.
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

function isAt(coordinates: Int32Array, i: number, x: number, y: number, z: number): boolean {
  return coordinates[i] === x && coordinates[i + 1] === y && coordinates[i + 2] === z;
}
