import type { OrganisedCloud, PointCloud } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import ndarray from 'ndarray';
import { type Column, type LabelArray, toColours, toLabels, toUnitNormals } from './columns.js';

/** What every reader of points returns. */
export interface CloudFile {
  /**
   * The points of the file in its order, without those whose coordinates are not finite in float32. No points at
   * all is a cloud of shape [0, 3]. Normals have unit length, or are (0, 0, 0) where the file has none.
   */
  readonly cloud: PointCloud;
  /** The row of the file (the raster index, for a grid) that each point of `cloud` comes from, ascending. */
  readonly index: Uint32Array;
  /**
   * What was subtracted from every point of `cloud`; add it to get the file's coordinates. Only there when some
   * coordinate exceeds 10⁴ times the extent of the cloud, where float32 would lose the shape: it is the centroid.
   */
  readonly origin?: readonly [number, number, number];
  /** Rows of `cloud`, three per triangle. Only there when the file has faces. */
  readonly triangles?: Uint32Array;
  /** The scan on its grid, in the file's coordinates (never shifted). Only there when the file has a grid. */
  readonly organised?: OrganisedCloud;
  /** Colours on the grid, [H, W, 3], also where no point was measured. */
  readonly image?: Image;
  /** Labels on the grid, [H, W]. */
  readonly labelGrid?: NdArray<LabelArray>;
}

/** Three columns: x y z, or nx ny nz, or red green blue. */
export type ColumnTriple = readonly [Column, Column, Column];

/** The columns of a file that make a cloud. */
export interface CloudColumns {
  /** Rows in every column. */
  readonly count: number;
  readonly positions: ColumnTriple;
  readonly normals?: ColumnTriple;
  readonly colours?: ColumnTriple;
  readonly labels?: Column;
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
/** Coordinates this many times larger than the extent leave float32 fewer than 11 bits for the shape. */
const LARGE = 1e4;

/** Makes a cloud of a file's columns: drops rows that are not finite, subtracts the centroid of large coordinates. */
export function assembleCloud(columns: CloudColumns): Pick<CloudFile, 'cloud' | 'index' | 'origin'> {
  const index = finiteRows(columns);
  const origin = largeOrigin(columns.positions, index);
  const positions = new Float32Array(3 * index.length);
  for (let axis = 0; axis < 3; axis++) {
    const { values, stride } = columns.positions[axis];
    const shift = origin ? origin[axis] : 0;
    for (let i = 0; i < index.length; i++) positions[3 * i + axis] = values[index[i] * stride] - shift;
  }
  const shape = [index.length, 3];
  const labels = columns.labels && toLabels(columns.labels, index);
  return {
    cloud: {
      positions: ndarray(positions, shape),
      ...(columns.normals && { normals: ndarray(toUnitNormals(columns.normals, index), shape) }),
      ...(columns.colours && { colours: ndarray(toColours(columns.colours, index), shape) }),
      ...(labels && { labels }),
    },
    index,
    ...(origin && { origin }),
  };
}

/** The faces in rows of the cloud; those that touch a dropped row are dropped with it. */
export function keepTriangles(triangles: Uint32Array, index: Uint32Array, rowCount: number): Uint32Array {
  if (index.length === rowCount) return triangles;
  const dropped = 0xffffffff;
  const rowOf = new Uint32Array(rowCount).fill(dropped);
  for (let i = 0; i < index.length; i++) rowOf[index[i]] = i;
  const kept = new Uint32Array(triangles.length);
  let length = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [rowOf[triangles[t]], rowOf[triangles[t + 1]], rowOf[triangles[t + 2]]];
    if (a === dropped || b === dropped || c === dropped) continue;
    kept[length++] = a;
    kept[length++] = b;
    kept[length++] = c;
  }
  return kept.slice(0, length);
}

/** Whether a coordinate can be stored: NaN, infinities and what overflows float32 cannot. */
export function isStorable(value: number): boolean {
  return Math.abs(value) <= LARGEST_FLOAT32;
}

function finiteRows({ count, positions: [x, y, z] }: CloudColumns): Uint32Array {
  const rows = new Uint32Array(count);
  let length = 0;
  for (let i = 0; i < count; i++) {
    const finite =
      isStorable(x.values[i * x.stride]) &&
      isStorable(y.values[i * y.stride]) &&
      isStorable(z.values[i * z.stride]);
    if (finite) rows[length++] = i;
  }
  return length === count ? rows : rows.slice(0, length);
}

/** The centroid when some coordinate exceeds {@link LARGE} times the largest extent. All points equal: undefined. */
function largeOrigin(positions: ColumnTriple, index: Uint32Array): [number, number, number] | undefined {
  const centroid: [number, number, number] = [0, 0, 0];
  let extent = 0;
  let largest = 0;
  for (let axis = 0; axis < 3; axis++) {
    const { values, stride } = positions[axis];
    let low = Infinity;
    let high = -Infinity;
    let sum = 0;
    for (let i = 0; i < index.length; i++) {
      const value = values[index[i] * stride];
      if (value < low) low = value;
      if (value > high) high = value;
      sum += value;
    }
    centroid[axis] = sum / index.length;
    extent = Math.max(extent, high - low);
    largest = Math.max(largest, -low, high);
  }
  return extent > 0 && largest > LARGE * extent ? centroid : undefined;
}
