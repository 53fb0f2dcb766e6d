import { ArgumentError, type PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { assignCells, type Cells, listByCell, minimumOf, type PointsByCell } from './cell-grid.js';
import { countPoints } from './check-points.js';
import { selectPoints } from './select-points.js';
import { zerosLike } from './zeros-like.js';

/** Options of {@link voxelGrid}. */
export interface VoxelGridOptions {
  /**
   * What stands for a voxel: the `'mean'` of its points, or one of the points as it is, the `'first'` or the one
   * `'nearest-to-mean'`.
   * @defaultValue 'mean'
   */
  keep?: 'mean' | 'first' | 'nearest-to-mean';
  /** Scale mean normals back to unit length. @defaultValue false */
  renormalise?: boolean;
}

/** A thinned cloud and where its points come from. */
export interface VoxelGrid {
  /** One point per occupied voxel, in the order of the voxels' first points. */
  readonly cloud: PointCloud;
  /** [N] the voxel, that is the row of `cloud`, of every source point. */
  readonly voxelOf: Uint32Array;
}

/**
 * Thins a cloud to one point per cube of side `size`. Voxel of p: ⌊(p − o) / size⌋, o = minimum − size / 2.
 * With `'mean'`, colours are rounded to 8 bits and a label is the majority of the voxel, ties to the larger
 * (anomalous before normal).
 *
 * @throws {@link ArgumentError} when `size` is not above 0, a coordinate is not finite, or the cloud spans more
 * than 2³¹ voxels along an axis.
 */
export function voxelGrid(cloud: PointCloud, size: number, options: VoxelGridOptions = {}): VoxelGrid {
  const { keep = 'mean', renormalise = false } = options;
  if (!(size > 0 && size < Infinity))
    throw new ArgumentError('voxelGrid: size', 'a finite length above 0', size);
  const positions = contiguous(cloud.positions);
  countPoints('voxelGrid', positions);
  const [x, y, z] = minimumOf(positions);
  const cells = assignCells('voxelGrid', positions, size, [x - size / 2, y - size / 2, z - size / 2]);
  const grid = { ...cells, ...listByCell(cells) };
  if (keep === 'mean') return { cloud: meanCloud(cloud, grid, renormalise), voxelOf: grid.cellOf };

  const firsts = Uint32Array.from({ length: grid.cellCount }, (_, cell) => grid.order[grid.starts[cell]]);
  const kept = keep === 'first' ? firsts : nearestToMean(positions, grid);
  return { cloud: selectPoints(cloud, kept), voxelOf: grid.cellOf };
}

type Grid = Cells & PointsByCell;

function meanCloud({ positions, normals, colours, labels }: PointCloud, grid: Grid, renormalise: boolean) {
  const shape = [grid.cellCount, 3];
  const meanNormals = normals && meanPerCell(contiguous(normals), grid);
  if (meanNormals && renormalise) normaliseRows(meanNormals);
  return {
    positions: ndarray(Float32Array.from(meanPerCell(contiguous(positions), grid)), shape),
    ...(meanNormals && { normals: ndarray(Float32Array.from(meanNormals), shape) }),
    ...(colours && {
      colours: ndarray(Uint8Array.from(meanPerCell(contiguous(colours), grid), Math.round), shape),
    }),
    ...(labels && { labels: majorityPerCell(labels, grid) }),
  };
}

/** [cells, 3] the mean of each cell's rows. */
function meanPerCell(rows: Float32Array | Uint8Array, { cellCount, cellOf, starts }: Grid): Float64Array {
  const means = new Float64Array(3 * cellCount);
  for (let i = 0; i < cellOf.length; i++) {
    const cell = 3 * cellOf[i];
    means[cell] += rows[3 * i];
    means[cell + 1] += rows[3 * i + 1];
    means[cell + 2] += rows[3 * i + 2];
  }
  for (let i = 0; i < means.length; i++) {
    const cell = Math.floor(i / 3);
    means[i] /= starts[cell + 1] - starts[cell];
  }
  return means;
}

function normaliseRows(rows: Float64Array): void {
  for (let i = 0; i < rows.length; i += 3) {
    const length = Math.hypot(rows[i], rows[i + 1], rows[i + 2]);
    if (length === 0) continue;
    for (let axis = 0; axis < 3; axis++) rows[i + axis] /= length;
  }
}

function majorityPerCell<T extends NonNullable<PointCloud['labels']>>(labels: T, grid: Grid): T {
  const majority = zerosLike(labels, grid.cellCount);
  for (let cell = 0; cell < grid.cellCount; cell++) {
    const counts = new Map<number, number>();
    let best = -Infinity;
    let bestCount = 0;
    for (let rank = grid.starts[cell]; rank < grid.starts[cell + 1]; rank++) {
      const label = labels[grid.order[rank]];
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      if (count > bestCount || (count === bestCount && label > best)) {
        best = label;
        bestCount = count;
      }
    }
    majority[cell] = best;
  }
  return majority;
}

function nearestToMean(positions: Float32Array, grid: Grid): Uint32Array {
  const means = meanPerCell(positions, grid);
  const nearest = new Uint32Array(grid.cellCount);
  const squaredDistances = new Float64Array(grid.cellCount).fill(Infinity);
  for (let i = 0; i < grid.cellOf.length; i++) {
    const cell = grid.cellOf[i];
    const dx = positions[3 * i] - means[3 * cell];
    const dy = positions[3 * i + 1] - means[3 * cell + 1];
    const dz = positions[3 * i + 2] - means[3 * cell + 2];
    const squaredDistance = dx * dx + dy * dy + dz * dz;
    if (squaredDistance < squaredDistances[cell]) {
      squaredDistances[cell] = squaredDistance;
      nearest[cell] = i;
    }
  }
  return nearest;
}
