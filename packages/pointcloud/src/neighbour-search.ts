import { type KdTree, leafCapacity } from './kd-tree.js';

/**
 * The search itself, with buffers that are reused from query to query.
 *
 * Candidates are gathered without any order. Only when the buffers are full, and once at the end, the k best of them
 * are selected, whose worst one bounds the search from there on. With a good first bound (see {@link NeighbourSweep})
 * a query selects once, which is several times cheaper than keeping a heap.
 *
 * What is found, and in which order, depends on the tree and the query only, never on the bound: leaves are visited
 * nearest first, a smaller bound skips some of them, and selecting keeps the order.
 */
export class NeighbourSearch {
  /** Number of neighbours found by the last search, at most k. */
  count = 0;
  /** Their squared distances, in the order they were met, or ascending after {@link sort}. */
  squaredDistances: Float64Array;
  /** Their positions in the order of the tree. */
  positions: Int32Array;
  /** Squared distance of the farthest of them when there are k; otherwise the limit that was searched. */
  limit = Infinity;

  private readonly capacity: number;
  private readonly pendingNodes = new Int32Array(maxDepth);
  private readonly pendingDistances = new Float64Array(maxDepth);
  private readonly bucketSizes = new Int32Array(bucketCount + 1);
  private spareDistances = new Float64Array(64);
  private sparePositions = new Int32Array(64);

  /** @param k - most neighbours wanted; `tree.size` or more for all. */
  constructor(
    private readonly tree: KdTree,
    readonly k: number,
  ) {
    this.capacity = Math.min(tree.size, k + Math.max(k >>> 1, 16)) + leafCapacity;
    const initial = Math.min(this.capacity, 1024);
    this.squaredDistances = new Float64Array(initial);
    this.positions = new Int32Array(initial);
  }

  /**
   * Finds the k points nearest to (x, y, z) among those with a squared distance of at most `limit`; among equally
   * distant ones the caller's lower index wins.
   *
   * @param limit - {@link belowSquared} of a radius, or Infinity.
   * @returns `count`
   */
  search(x: number, y: number, z: number, limit: number): number {
    const { boxes, coordinates, leafStarts } = this.tree;
    const { pendingNodes, pendingDistances } = this;
    const firstLeaf = leafStarts.length - 2;
    this.count = 0;
    this.limit = limit;
    if (this.tree.size === 0) return 0;

    let pending = 0;
    let node = 0;
    let nodeDistance = 0;
    while (true) {
      if (nodeDistance <= this.limit) {
        if (node < firstLeaf) {
          const left = 2 * node + 1;
          const toLeft = squaredDistanceToBox(boxes, left, x, y, z);
          const toRight = squaredDistanceToBox(boxes, left + 1, x, y, z);
          const leftFirst = toLeft <= toRight;
          pendingNodes[pending] = leftFirst ? left + 1 : left;
          pendingDistances[pending] = leftFirst ? toRight : toLeft;
          pending++;
          node = leftFirst ? left : left + 1;
          nodeDistance = leftFirst ? toLeft : toRight;
          continue;
        }
        const leaf = node - firstLeaf;
        this.gather(coordinates, leafStarts[leaf], leafStarts[leaf + 1], x, y, z);
      }
      if (pending === 0) break;
      pending--;
      node = pendingNodes[pending];
      nodeDistance = pendingDistances[pending];
    }
    if (this.count >= this.k) this.select();
    return this.count;
  }

  /** Orders what was found by (squared distance, the caller's index). */
  sort(): void {
    quickSort(this.squaredDistances, this.positions, this.tree.order, 0, this.count - 1);
  }

  /** Adds the points of a leaf that are within the limit. */
  private gather(
    coordinates: Float64Array,
    start: number,
    end: number,
    x: number,
    y: number,
    z: number,
  ): void {
    if (this.count + end - start > this.squaredDistances.length) this.makeRoom();
    const { squaredDistances, positions, limit } = this;
    let count = this.count;
    for (let position = start, i = 3 * start; position < end; position++, i += 3) {
      const dx = coordinates[i] - x;
      const dy = coordinates[i + 1] - y;
      const dz = coordinates[i + 2] - z;
      const squaredDistance = dx * dx + dy * dy + dz * dz;
      // Always written and only counted when wanted: a branch here would be a coin toss.
      squaredDistances[count] = squaredDistance;
      positions[count] = position;
      count += Number(squaredDistance <= limit);
    }
    this.count = count;
  }

  private makeRoom(): void {
    const length = this.squaredDistances.length;
    if (length === this.capacity) {
      this.select();
      return;
    }
    const larger = Math.min(this.capacity, 2 * length);
    this.squaredDistances = grown(this.squaredDistances, new Float64Array(larger));
    this.positions = grown(this.positions, new Int32Array(larger));
  }

  /**
   * Keeps the k best candidates in their order and lowers the limit to the worst of them.
   *
   * Squared distances to the points of a surface are spread about evenly, so that equal buckets between 0 and the
   * largest leave only a few candidates that have to be compared with each other.
   */
  private select(): void {
    const { k, count, squaredDistances, positions, bucketSizes } = this;
    let largest = 0;
    for (let i = 0; i < count; i++) largest = Math.max(largest, squaredDistances[i]);
    if (count === k) {
      this.limit = largest;
      return;
    }
    const { order } = this.tree;
    const scale = largest > 0 ? bucketCount / largest : 0;
    bucketSizes.fill(0);
    for (let i = 0; i < count; i++) bucketSizes[(squaredDistances[i] * scale) | 0]++;
    let bucket = bucketCount;
    let below = count - bucketSizes[bucket];
    while (below >= k) below -= bucketSizes[--bucket];

    // Only the bucket of the k-th candidate is sorted, in buffers of its own.
    if (bucketSizes[bucket] > this.spareDistances.length) {
      this.spareDistances = new Float64Array(2 * bucketSizes[bucket]);
      this.sparePositions = new Int32Array(2 * bucketSizes[bucket]);
    }
    const { spareDistances, sparePositions } = this;
    let size = 0;
    for (let i = 0; i < count; i++) {
      if (((squaredDistances[i] * scale) | 0) !== bucket) continue;
      spareDistances[size] = squaredDistances[i];
      sparePositions[size] = positions[i];
      size++;
    }
    quickSort(spareDistances, sparePositions, order, 0, size - 1);
    const worst = spareDistances[k - 1 - below];
    const worstIndex = order[sparePositions[k - 1 - below]];

    let kept = 0;
    for (let i = 0; i < count; i++) {
      const squaredDistance = squaredDistances[i];
      const position = positions[i];
      squaredDistances[kept] = squaredDistance;
      positions[kept] = position;
      kept += Number(squaredDistance < worst || (squaredDistance === worst && order[position] <= worstIndex));
    }
    this.count = kept;
    this.limit = worst;
  }
}

/** Largest number below radius², so that `≤` it means strictly inside the radius. */
export function belowSquared(radius: number): number {
  return radius * radius * (1 - Number.EPSILON / 2);
}

/** 2³² points make a tree of at most 32 levels. */
const maxDepth = 40;
const bucketCount = 128;

/**
 * Squared distance from a point to the box of a node, 0 inside. Without branches, whose outcome nobody could predict:
 * a + |a| is 0 or 2a, and of the two sums of an axis at most one is not 0. Rounds exactly like a distance to a point.
 */
export function squaredDistanceToBox(
  boxes: Float64Array,
  node: number,
  x: number,
  y: number,
  z: number,
): number {
  const i = 6 * node;
  const belowX = boxes[i] - x;
  const belowY = boxes[i + 1] - y;
  const belowZ = boxes[i + 2] - z;
  const aboveX = x - boxes[i + 3];
  const aboveY = y - boxes[i + 4];
  const aboveZ = z - boxes[i + 5];
  const dx = belowX + Math.abs(belowX) + (aboveX + Math.abs(aboveX));
  const dy = belowY + Math.abs(belowY) + (aboveY + Math.abs(aboveY));
  const dz = belowZ + Math.abs(belowZ) + (aboveZ + Math.abs(aboveZ));
  return 0.25 * (dx * dx + dy * dy + dz * dz);
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Sorts places `first`…`last` by (squared distance, index). The keys all differ, so ties are no bad case. */
function quickSort(
  distances: Float64Array,
  positions: Int32Array,
  order: Uint32Array,
  first: number,
  last: number,
): void {
  let low = first;
  let high = last;
  while (high - low > 16) {
    const middle = (low + high) >>> 1;
    const pivot = distances[middle];
    const pivotIndex = order[positions[middle]];
    let i = low;
    let j = high;
    while (i <= j) {
      while (distances[i] < pivot || (distances[i] === pivot && order[positions[i]] < pivotIndex)) i++;
      while (distances[j] > pivot || (distances[j] === pivot && order[positions[j]] > pivotIndex)) j--;
      if (i > j) break;
      const distance = distances[i];
      distances[i] = distances[j];
      distances[j] = distance;
      const position = positions[i];
      positions[i] = positions[j];
      positions[j] = position;
      i++;
      j--;
    }
    // The smaller part by recursion, the larger by the loop: the stack stays logarithmic.
    if (j - low < high - i) {
      quickSort(distances, positions, order, low, j);
      low = i;
    } else {
      quickSort(distances, positions, order, i, high);
      high = j;
    }
  }
  insertionSort(distances, positions, order, low, high);
}

function insertionSort(
  distances: Float64Array,
  positions: Int32Array,
  order: Uint32Array,
  low: number,
  high: number,
): void {
  for (let i = low + 1; i <= high; i++) {
    const distance = distances[i];
    const position = positions[i];
    const index = order[position];
    let j = i - 1;
    while (
      j >= low &&
      (distances[j] > distance || (distances[j] === distance && order[positions[j]] > index))
    ) {
      distances[j + 1] = distances[j];
      positions[j + 1] = positions[j];
      j--;
    }
    distances[j + 1] = distance;
    positions[j + 1] = position;
  }
}
