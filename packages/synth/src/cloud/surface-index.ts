import { ArgumentError, type PointCloud } from '@anomclip/core';
import { finitePoints, triplesOf } from './cloud-rows.js';

/** The finite points of a cloud, indexed for exact nearest-neighbour queries. */
export interface SurfaceIndex {
  /** xyz triples of the cloud; not copied: leave it unchanged while in use. */
  readonly points: Float32Array;
  /** Points that can be found: indices of the finite ones, in the tree's order (every range is split by its middle). */
  readonly order: Uint32Array;
  /** Axis along which the range around each position of `order` is split. */
  readonly axes: Uint8Array;
}

/**
 * Indexes a cloud: a k-d tree, split along the axis in which the points are spread most.
 *
 * @throws {@link ShapeError} unless positions are [N, 3].
 */
export function indexSurface(cloud: PointCloud): SurfaceIndex {
  const points = triplesOf('indexSurface', cloud);
  const order = finitePoints(points);
  const axes = new Uint8Array(order.length);
  const split = (start: number, end: number): void => {
    if (end - start < 2) return;
    const axis = widestAxis(points, order, start, end);
    const middle = (start + end) >>> 1;
    selectMiddle(points, order, axis, start, end - 1, middle);
    axes[middle] = axis;
    split(start, middle);
    split(middle + 1, end);
  };
  split(0, order.length);
  return { points, order, axes };
}

function widestAxis(points: Float32Array, order: Uint32Array, start: number, end: number): number {
  let [best, widest] = [0, -1];
  for (let axis = 0; axis < 3; axis++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = start; i < end; i++) {
      const value = points[3 * order[i] + axis];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > widest) [best, widest] = [axis, high - low];
  }
  return best;
}

/** Hoare's selection: afterwards no point before `middle` lies beyond it along the axis, and none after it before. */
function selectMiddle(
  points: Float32Array,
  order: Uint32Array,
  axis: number,
  from: number,
  to: number,
  middle: number,
): void {
  let [low, high] = [from, to];
  while (low < high) {
    const pivot = points[3 * order[(low + high) >>> 1] + axis];
    let [i, j] = [low, high];
    while (i <= j) {
      while (points[3 * order[i] + axis] < pivot) i++;
      while (points[3 * order[j] + axis] > pivot) j--;
      if (i > j) break;
      const swapped = order[i];
      order[i++] = order[j];
      order[j--] = swapped;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}

/** Neighbours, nearest first; of equal distances the lower index first. */
export interface NearestPoints {
  readonly indices: Uint32Array;
  readonly squaredDistances: Float64Array;
}

/** The `count` points nearest to a place, or all if there are fewer. @throws {@link ArgumentError} unless `count` is a whole number ≥ 0. */
export function nearestPoints(surface: SurfaceIndex, place: ArrayLike<number>, count: number): NearestPoints {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError('nearestPoints', 'count, a whole number ≥ 0', count);
  }
  const { points, order, axes } = surface;
  const room = Math.min(count, order.length);
  const indices = new Uint32Array(room);
  const distances = new Float64Array(room);
  let found = 0;

  const offer = (index: number): void => {
    const distance = squaredDistance(points, index, place);
    const isAfter = (i: number) =>
      distances[i] < distance || (distances[i] === distance && indices[i] < index);
    if (found === room && isAfter(room - 1)) return;
    let at = found === room ? room - 1 : found++;
    for (; at > 0 && !isAfter(at - 1); at--) {
      distances[at] = distances[at - 1];
      indices[at] = indices[at - 1];
    }
    distances[at] = distance;
    indices[at] = index;
  };
  const visit = (start: number, end: number): void => {
    if (start >= end) return;
    const middle = (start + end) >>> 1;
    const axis = axes[middle];
    const toPlane = place[axis] - points[3 * order[middle] + axis];
    if (toPlane < 0) visit(start, middle);
    else visit(middle + 1, end);
    offer(order[middle]);
    // An equal distance may still bring a lower index.
    if (found === room && toPlane * toPlane > distances[room - 1]) return;
    if (toPlane < 0) visit(middle + 1, end);
    else visit(start, middle);
  };
  if (room > 0) visit(0, order.length);
  return { indices, squaredDistances: distances };
}

export function squaredDistance(points: ArrayLike<number>, index: number, place: ArrayLike<number>): number {
  const x = points[3 * index] - place[0];
  const y = points[3 * index + 1] - place[1];
  const z = points[3 * index + 2] - place[2];
  return x * x + y * y + z * z;
}
