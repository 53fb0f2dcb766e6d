import type { OrganisedCloud } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { buildKdTree, knn, toUnorganised } from '@anomclip/pointcloud';
import type { ThreeDzalConfig } from './config.js';

/** The points of one patch of a scan, all different, in metres. */
export interface CellPatch {
  /** Raster index of its cell on the grid of patches. */
  readonly cell: number;
  /** Measured points of the cell itself. */
  readonly measured: number;
  /** xyz triples. */
  readonly points: Float32Array;
}

/**
 * Cuts a scan on the model's grid into square cells (section 3.1 of 3DzAL's specification). Cells with fewer than
 * `minPatchPoints` points are left out.
 *
 * @param organised - [size, size, 3]
 * @returns In raster order.
 */
export function cellPatches(
  organised: OrganisedCloud,
  config: Pick<
    ThreeDzalConfig,
    'size' | 'patches' | 'missing' | 'patchSampling' | 'patchPoints' | 'minPatchPoints'
  >,
): CellPatch[] {
  const { size, patches, missing, patchSampling, patchPoints, minPatchPoints } = config;
  const side = size / patches;
  const { positions, index } = toUnorganised(organised, { missing });
  const members = Array.from({ length: patches * patches }, (): number[] => []);
  index.forEach((pixel, point) => {
    const [row, column] = [Math.floor(pixel / size), pixel % size];
    members[Math.floor(row / side) * patches + Math.floor(column / side)].push(point);
  });
  const tree = patchSampling === 'knn' ? buildKdTree(positions) : undefined;
  return members.flatMap((cellPoints, cell) => {
    if (cellPoints.length < minPatchPoints) return [];
    const own = triplesAt(positions, cellPoints);
    const points = tree ? triplesAt(positions, knn(tree, meanOf(own), patchPoints).indices) : own;
    return [{ cell, measured: cellPoints.length, points }];
  });
}

/** Patches as the networks take them. */
export interface NetworkPatches {
  /** [K, N, 3] row-major, normalised. */
  readonly points: Float32Array;
  /** [K, N], which point of its patch each is a copy of. */
  readonly copies: Int32Array;
}

/**
 * Every patch with N points: repeated in order when it has fewer, and shuffled, since the networks begin with the first
 * one; then normalised (section 3.2).
 *
 * @param patches - xyz triples of each.
 * @param rngOf - The stream that shuffles patch i.
 * @param scale - Median radius of the training patches in metres; not used by `'unit-sphere'`.
 */
export function networkPatches(
  patches: readonly Float32Array[],
  { patchPoints, patchNormalization }: Pick<ThreeDzalConfig, 'patchPoints' | 'patchNormalization'>,
  rngOf: (patch: number) => Rng,
  scale: number,
): NetworkPatches {
  const points = new Float32Array(3 * patches.length * patchPoints);
  const copies = new Int32Array(patches.length * patchPoints);
  for (const [patch, own] of patches.entries()) {
    const { centre, radius } = extent(own);
    const origin = patchNormalization === 'none' ? [0, 0, 0] : centre;
    const unit = { 'unit-sphere': radius, 'class-scale': scale, center: 1, none: 1 }[patchNormalization];
    const count = own.length / 3;
    const order = rngOf(patch).permutation(Math.max(count, patchPoints));
    for (let i = 0; i < patchPoints; i++) {
      const point = order[i] % count;
      const at = patch * patchPoints + i;
      copies[at] = point;
      for (let axis = 0; axis < 3; axis++) {
        points[3 * at + axis] = (own[3 * point + axis] - origin[axis]) / Math.max(unit, 1e-12);
      }
    }
  }
  return { points, copies: withinPatch(copies, patchPoints) };
}

/** Largest distance of a patch's points to their mean. */
export function patchRadius({ points }: Pick<CellPatch, 'points'>): number {
  return extent(points).radius;
}

/** Copies are named by the place of the first one, so that names stay below N where a patch has more points. */
function withinPatch(copies: Int32Array, patchPoints: number): Int32Array {
  for (let start = 0; start < copies.length; start += patchPoints) {
    const places = new Map<number, number>();
    for (let i = 0; i < patchPoints; i++) {
      const point = copies[start + i];
      if (!places.has(point)) places.set(point, i);
      copies[start + i] = places.get(point) ?? i;
    }
  }
  return copies;
}

function extent(points: Float32Array): { centre: number[]; radius: number } {
  const centre = meanOf(points);
  let radius = 0;
  for (let i = 0; i < points.length; i += 3) {
    const distance = Math.hypot(points[i] - centre[0], points[i + 1] - centre[1], points[i + 2] - centre[2]);
    radius = Math.max(radius, distance);
  }
  return { centre, radius };
}

function meanOf(points: Float32Array): [number, number, number] {
  const mean: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < points.length; i++) mean[i % 3] += (3 * points[i]) / points.length;
  return mean;
}

function triplesAt(points: Float32Array, indices: ArrayLike<number>): Float32Array {
  const triples = new Float32Array(3 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    triples.set(points.subarray(3 * indices[i], 3 * indices[i] + 3), 3 * i);
  }
  return triples;
}
