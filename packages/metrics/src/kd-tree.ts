/** Ranges of at most this many points are scanned instead of split. */
const LEAF_SIZE = 8;

/** A static index over N points for exact nearest-neighbour search; ties go to the lower index. */
export interface KdTree {
  /** xyz triples in tree order: the middle of every range splits it. */
  readonly points: Float64Array;
  /** Index of each point in the caller's array. */
  readonly order: Uint32Array;
  /** Axis by which the range with this middle is split; 3 where all its points are one and the same. */
  readonly axes: Uint8Array;
}

/** @param positions - xyz triples, length 3 · N, finite. */
export function createKdTree(positions: Float32Array): KdTree {
  const order = new Uint32Array(positions.length / 3);
  for (let i = 0; i < order.length; i++) order[i] = i;
  const axes = new Uint8Array(order.length);
  split(positions, order, axes, 0, order.length);
  const points = new Float64Array(positions.length);
  for (let i = 0; i < order.length; i++) {
    for (let axis = 0; axis < 3; axis++) points[3 * i + axis] = positions[3 * order[i] + axis];
  }
  return { points, order, axes };
}

/** The k nearest points of a query, nearest first; reused from query to query. */
export class Neighbours {
  readonly indices: Uint32Array;
  readonly squaredDistances: Float64Array;
  /** How many were found: fewer than k in a small cloud. */
  count = 0;
  private x = 0;
  private y = 0;
  private z = 0;
  private exclude = -1;

  constructor(
    private readonly tree: KdTree,
    private readonly k: number,
  ) {
    this.indices = new Uint32Array(k);
    this.squaredDistances = new Float64Array(k);
  }

  /** Searches around point `at` of `positions`; the tree's point of index `exclude` does not count. */
  find(positions: Float32Array, at: number, exclude = -1): void {
    this.count = 0;
    this.x = positions[3 * at];
    this.y = positions[3 * at + 1];
    this.z = positions[3 * at + 2];
    this.exclude = exclude;
    this.visit(0, this.tree.order.length);
  }

  private visit(start: number, end: number): void {
    const { points, axes } = this.tree;
    const middle = (start + end) >>> 1;
    const axis = axes[middle];
    if (end - start <= LEAF_SIZE || axis === 3) {
      // Points that are all one come in order of index: once one is refused, so are the rest.
      for (let i = start; i < end; i++) if (!this.offer(i) && axis === 3) return;
      return;
    }
    this.offer(middle);
    const query = axis === 0 ? this.x : axis === 1 ? this.y : this.z;
    const toPlane = query - points[3 * middle + axis];
    // Near half first: it usually shrinks the radius enough to skip the far one. On equality the far half
    // may still hold a point of lower index.
    if (toPlane < 0) this.visit(start, middle);
    else this.visit(middle + 1, end);
    if (toPlane * toPlane > this.reach()) return;
    if (toPlane < 0) this.visit(middle + 1, end);
    else this.visit(start, middle);
  }

  private reach(): number {
    return this.count < this.k ? Infinity : this.squaredDistances[this.k - 1];
  }

  /** Takes in the point at place `i` of the tree if it is nearer than the farthest; false when it is not. */
  private offer(i: number): boolean {
    const { points, order } = this.tree;
    const index = order[i];
    if (index === this.exclude) return true;
    const dx = points[3 * i] - this.x;
    const dy = points[3 * i + 1] - this.y;
    const dz = points[3 * i + 2] - this.z;
    const squared = dx * dx + dy * dy + dz * dz;
    const { indices, squaredDistances, k } = this;
    if (this.count === k) {
      const farthest = squaredDistances[k - 1];
      if (squared > farthest || (squared === farthest && index > indices[k - 1])) return false;
    } else {
      this.count++;
    }
    let place = this.count - 1;
    for (; place > 0; place--) {
      const before = squaredDistances[place - 1];
      if (before < squared || (before === squared && indices[place - 1] < index)) break;
      squaredDistances[place] = before;
      indices[place] = indices[place - 1];
    }
    squaredDistances[place] = squared;
    indices[place] = index;
    return true;
  }
}

function split(
  positions: Float32Array,
  order: Uint32Array,
  axes: Uint8Array,
  start: number,
  end: number,
): void {
  if (end - start <= LEAF_SIZE) return;
  const middle = (start + end) >>> 1;
  const axis = widestAxis(positions, order, start, end);
  axes[middle] = axis;
  if (axis === 3) {
    order.subarray(start, end).sort();
    return;
  }
  selectMiddle(positions, order, axis, start, end - 1, middle);
  split(positions, order, axes, start, middle);
  split(positions, order, axes, middle + 1, end);
}

/** The axis along which the range is longest; 3 when it has no extent. */
function widestAxis(positions: Float32Array, order: Uint32Array, start: number, end: number): number {
  let widest = 3;
  let widestExtent = 0;
  for (let axis = 0; axis < 3; axis++) {
    let lowest = Infinity;
    let highest = -Infinity;
    for (let i = start; i < end; i++) {
      const value = positions[3 * order[i] + axis];
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (highest - lowest > widestExtent) [widest, widestExtent] = [axis, highest - lowest];
  }
  return widest;
}

/** Hoare's selection: afterwards nothing before `middle` is larger along the axis and nothing after smaller. */
function selectMiddle(
  positions: Float32Array,
  order: Uint32Array,
  axis: number,
  first: number,
  last: number,
  middle: number,
): void {
  let low = first;
  let high = last;
  while (low < high) {
    const pivot = positions[3 * order[(low + high) >>> 1] + axis];
    let i = low;
    let j = high;
    while (i <= j) {
      while (positions[3 * order[i] + axis] < pivot) i++;
      while (positions[3 * order[j] + axis] > pivot) j--;
      if (i > j) break;
      const kept = order[i];
      order[i++] = order[j];
      order[j--] = kept;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
