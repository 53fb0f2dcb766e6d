import { ArgumentError, type PointCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray, { type NdArray } from 'ndarray';

/** xyz triples of a cloud. @throws {@link ShapeError} unless positions, and normals if given, are [N, 3]. */
export function triplesOf(where: string, { positions, normals }: PointCloud): Float32Array {
  for (const array of [positions, normals ?? positions]) {
    if (array.shape.length !== 2 || array.shape[1] !== 3 || array.shape[0] !== positions.shape[0]) {
      throw new ShapeError(where, 'positions, and normals if given, of shape [N, 3]', array.shape);
    }
  }
  return contiguous(positions);
}

/** Indices of the points whose coordinates are all finite. */
export function finitePoints(points: Float32Array): Uint32Array {
  const finite = new Uint32Array(points.length / 3);
  let count = 0;
  for (let point = 0; point < finite.length; point++) {
    // A sum is finite only if all terms are; float32 terms cannot overflow it.
    if (Number.isFinite(points[3 * point] + points[3 * point + 1] + points[3 * point + 2])) {
      finite[count++] = point;
    }
  }
  return finite.slice(0, count);
}

/** As {@link finitePoints}. @throws {@link ArgumentError} when there are none. */
export function someFinitePoints(where: string, points: Float32Array): Uint32Array {
  const finite = finitePoints(points);
  if (finite.length === 0) {
    throw new ArgumentError(
      where,
      'a cloud with at least one finite point',
      `${points.length / 3} points, none finite`,
    );
  }
  return finite;
}

/** The rows of a cloud with the given indices, with all that belongs to them. */
export function selectRows(cloud: PointCloud, rows: Uint32Array): PointCloud {
  const { positions, normals, colours, labels } = cloud;
  return {
    ...cloud,
    positions: selected(positions, rows),
    ...(normals && { normals: selected(normals, rows) }),
    ...(colours && { colours: selected(colours, rows) }),
    ...(labels && { labels: pick(labels, rows) }),
  };
}

function selected<T extends Float32Array | Uint8Array>(array: NdArray<T>, rows: Uint32Array): NdArray<T> {
  const source = contiguous(array);
  const result = source.slice(0, 3 * rows.length) as T;
  for (let i = 0; i < rows.length; i++) {
    for (let axis = 0; axis < 3; axis++) result[3 * i + axis] = source[3 * rows[i] + axis];
  }
  return ndarray(result, [rows.length, 3]);
}

function pick<T extends NonNullable<PointCloud['labels']>>(labels: T, rows: Uint32Array): T {
  const result = labels.slice(0, rows.length) as T;
  for (let i = 0; i < rows.length; i++) result[i] = labels[rows[i]];
  return result;
}
