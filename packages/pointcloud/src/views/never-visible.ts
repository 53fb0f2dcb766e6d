import { ArgumentError, ShapeError } from '@anomclip/core';
import { type Coordinates, checkChoice } from '../check-points.js';
import { buildKdTree } from '../kd-tree.js';
import { nearestAll } from '../neighbours.js';
import { type Correspondences, cellsOf } from './correspondences.js';

/** Where a point that no view shows looks: see {@link fillNeverVisible}. */
export type NeverVisible = 'rasterNeighbour' | 'spatialNeighbour';

/**
 * Gives the points that are visible in no view the visibility of a neighbour (`pointad.md` 2.10, step 4).
 *
 * `'rasterNeighbour'`, the released rule, for grids: cells in ascending order, those filled before count as visible.
 * Candidates are the next visible cell ahead, or when there is none the first visible one from the start (at the cyclic
 * distance), and the closest visible cell behind; the one behind must be strictly closer. Only the flags are copied: the
 * point reads the views at its own pixels.
 *
 * `'spatialNeighbour'`, for clouds whose order has no meaning: flags and pixels of the nearest visible point in space,
 * the lowest index among equals.
 *
 * @param positions - xyz triples, length 3·N; needed for `'spatialNeighbour'` only.
 * @returns New flags and pixels where they change; `correspondences` stay as they are. Without foreground nothing
 * changes.
 * @throws {@link ArgumentError} when there are points, and no view shows any of them.
 * @throws {@link ShapeError} when `positions` are missing or of another length.
 */
export function fillNeverVisible(
  correspondences: Correspondences,
  neighbour: NeverVisible,
  positions?: Coordinates,
): Correspondences {
  const where = 'fillNeverVisible';
  checkChoice(where, 'neighbour', neighbour, ['rasterNeighbour', 'spatialNeighbour']);
  const { pointCount, foreground } = correspondences;
  const seen = seenInAnyView(correspondences);
  const cells = cellsOf(foreground);
  if (cells.every((cell) => seen[cell])) return correspondences;
  if (!seen.includes(1)) {
    throw new ArgumentError(
      where,
      'a visible point',
      'none in any view',
      'do the cameras look at the cloud?',
    );
  }
  if (neighbour === 'rasterNeighbour') {
    return copyFrom(correspondences, rasterNeighbours(seen, foreground), false);
  }
  if (positions?.length !== 3 * pointCount) {
    throw new ShapeError(`${where}: positions`, `xyz triples [${3 * pointCount}]`, [positions?.length ?? 0]);
  }
  return copyFrom(correspondences, spatialNeighbours(seen, cells, positions), true);
}

/** [N] 1 where at least one view shows the point. */
export function seenInAnyView({ viewCount, pointCount, visible }: Correspondences): Uint8Array {
  const seen = visible.slice(0, pointCount);
  for (let view = 1; view < viewCount; view++) {
    const start = view * pointCount;
    for (let point = 0; point < pointCount; point++) seen[point] |= visible[start + point];
  }
  return seen;
}

/** Cell → the cell whose flags it takes, in the order in which they are taken. */
type Sources = readonly { readonly cell: number; readonly source: number }[];

function rasterNeighbours(seen: Uint8Array, foreground: Uint8Array): Sources {
  const first = foreground.indexOf(1);
  const last = foreground.lastIndexOf(1);
  const ahead = nextSeen(seen);
  const sources: { cell: number; source: number }[] = [];
  let behind = -1; // the last visible or filled cell
  let start = seen.indexOf(1); // the first visible or filled cell
  for (let cell = first; cell <= last; cell++) {
    if (foreground[cell] && !seen[cell]) {
      const wraps = ahead[cell] < 0;
      const source = wraps ? start : ahead[cell];
      const distance = wraps ? Math.abs(last - cell + start - first) : source - cell;
      sources.push({ cell, source: behind >= 0 && cell - behind < distance ? behind : source });
      start = Math.min(start, cell);
      behind = cell;
    } else if (seen[cell]) {
      behind = cell;
    }
  }
  return sources;
}

/** [N] the next index above each that is seen, −1 where there is none. */
function nextSeen(seen: Uint8Array): Int32Array {
  const next = new Int32Array(seen.length);
  let ahead = -1;
  for (let i = seen.length - 1; i >= 0; i--) {
    next[i] = ahead;
    if (seen[i]) ahead = i;
  }
  return next;
}

function spatialNeighbours(seen: Uint8Array, cells: Uint32Array, positions: Coordinates): Sources {
  const shown = cells.filter((cell) => seen[cell]);
  const hidden = cells.filter((cell) => !seen[cell]);
  const tree = buildKdTree(rowsAt(positions, shown));
  const { indices } = nearestAll(tree, rowsAt(positions, hidden));
  return Array.from(hidden, (cell, row) => ({ cell, source: shown[indices[row]] }));
}

/** The triples of some points. */
export function rowsAt(positions: ArrayLike<number>, indices: Uint32Array): Float64Array {
  const rows = new Float64Array(3 * indices.length);
  for (let row = 0; row < indices.length; row++) {
    for (let axis = 0; axis < 3; axis++) rows[3 * row + axis] = positions[3 * indices[row] + axis];
  }
  return rows;
}

function copyFrom(correspondences: Correspondences, sources: Sources, withPixels: boolean): Correspondences {
  const { viewCount, pointCount } = correspondences;
  const visible = correspondences.visible.slice();
  const pixels = withPixels ? correspondences.pixels.slice() : correspondences.pixels;
  for (let start = 0; start < viewCount * pointCount; start += pointCount) {
    for (const { cell, source } of sources) {
      visible[start + cell] = visible[start + source];
      if (withPixels) pixels.copyWithin(2 * (start + cell), 2 * (start + source), 2 * (start + source + 1));
    }
  }
  return { ...correspondences, visible, pixels };
}
