import { type Coordinates, checkChoice, checkCount, checkNormals, checkRadius } from './check-points.js';
import type { KdTree } from './kd-tree.js';
import { NeighbourSweep, treeOf } from './neighbours.js';
import { binPair, binsPerAngle } from './pair-bins.js';
import { scatterRows } from './scatter-rows.js';

/** Numbers per point: three blocks of eleven bins, one per angle. */
export const fpfhLength = 3 * binsPerAngle;

/**
 * - `open3d`: neighbour histograms weighted by 1/squared distance, each block scaled to 100, plus the point's own.
 * - `pcl`: the same without the point's own histogram and without degenerate pairs.
 * - `paper`: the point's own histogram plus the mean of those of its neighbours, weighted by 1/distance, unscaled.
 */
export type FpfhVariant = 'open3d' | 'pcl' | 'paper';

export interface FpfhOptions {
  /** Only neighbours strictly closer than this count, in the unit of the cloud. @defaultValue Infinity */
  radius?: number;
  /** Most neighbours of a point, itself included. @defaultValue 100 */
  maxNeighbours?: number;
  /** Whose arithmetic. @defaultValue 'open3d' */
  variant?: FpfhVariant;
  /** The index of the same points, when there is one already. */
  tree?: KdTree;
}

/**
 * Fast Point Feature Histograms [33·N] of Rusu et al. 2009: how the normals around each point turn, in a form that no
 * rigid motion changes. With the variant `open3d` each block sums to 200 (100 when all neighbours are duplicates of
 * the point); a point without neighbours gets zeros.
 *
 * Memory: about 470 bytes per point, and a table of neighbours of at most 128 MiB; a cloud that needs more than that
 * is worked off in ranges and searched twice.
 *
 * @param points - xyz triples [3·N]
 * @param normals - unit normals [3·N]. Flipping them changes the result: orient them alike, or not at all.
 * @throws {@link ShapeError} when the lengths differ or are no multiple of 3.
 * @throws {@link ArgumentError} when a number is not finite or an option makes no sense.
 */
export function computeFpfh(
  points: Coordinates,
  normals: Coordinates,
  options: FpfhOptions = {},
): Float32Array {
  checkNormals('computeFpfh', points, normals);
  checkFpfhOptions('computeFpfh', options);
  const tree = treeOf('computeFpfh', points, options.tree);
  const features = new Float32Array(fpfhLength * tree.size);
  const rows = fpfhOfRange(tree, inTreeOrder(tree, normals), options, 0, tree.size);
  scatterRows(rows, tree.order, 0, fpfhLength, features);
  return features;
}

/** @throws {@link ArgumentError} when an option makes no sense. */
export function checkFpfhOptions(where: string, options: FpfhOptions): void {
  const { radius = Infinity, maxNeighbours = 100, variant = 'open3d' } = options;
  checkRadius(where, radius);
  checkCount(where, 'maxNeighbours', maxNeighbours);
  checkChoice(where, 'variant', variant, ['open3d', 'pcl', 'paper']);
}

/** Normals of the caller's points, as float64 triples in the order of the tree. */
export function inTreeOrder({ order }: KdTree, normals: Coordinates): Float64Array {
  const sorted = new Float64Array(normals.length);
  for (let position = 0; position < order.length; position++) {
    for (let axis = 0; axis < 3; axis++) sorted[3 * position + axis] = normals[3 * order[position] + axis];
  }
  return sorted;
}

/** Places in the table of neighbours: 128 MiB. */
const tablePlaces = 2 ** 25;

/**
 * Features of the positions `start`…`end − 1` of the tree order, one row of 33 after the other. They do not depend on
 * how the range was chosen.
 *
 * @param normals - as {@link inTreeOrder} returns them.
 * @param places - bound of the table of neighbours, in numbers.
 */
export function fpfhOfRange(
  tree: KdTree,
  normals: Float64Array,
  options: FpfhOptions,
  start: number,
  end: number,
  places = tablePlaces,
): Float32Array {
  const k = Math.min(options.maxNeighbours ?? 100, tree.size);
  const rowsAtOnce = Math.max(1, Math.min(end - start, Math.floor(places / k)));
  const builder = new FpfhBuilder(tree, normals, options, k, rowsAtOnce);
  const features = new Float32Array(fpfhLength * (end - start));
  for (let from = start; from < end; from += rowsAtOnce) {
    builder.build(from, Math.min(end, from + rowsAtOnce), features, fpfhLength * (from - start));
  }
  return features;
}

/**
 * The histogram of a single point is counted when first needed, for the points of a range and for their neighbours
 * outside, and kept for the next range; so a cloud that is one range is searched only once.
 */
class FpfhBuilder {
  private readonly variant: FpfhVariant;
  private readonly sweep: NeighbourSweep;
  /** Positions of the neighbours of each point of the range, itself included. */
  private readonly table: Int32Array;
  private readonly counts: Uint32Array;
  /** Pairs in each bin, 33 per position of the tree. */
  private readonly histograms: Float32Array;
  /** 100 divided by the pairs of a position, 0 when it has none; −1 as long as its histogram is missing. */
  private readonly scales: Float64Array;
  /** Of the neighbours of one point: weight of the histogram and where it starts. Three spare places. */
  private readonly weights: Float64Array;
  private readonly rows: Int32Array;
  private readonly sums = new Float64Array(fpfhLength);

  constructor(
    private readonly tree: KdTree,
    private readonly normals: Float64Array,
    { radius = Infinity, variant = 'open3d' }: FpfhOptions,
    /** Places per row of the table. */
    private readonly k: number,
    rowsAtOnce: number,
  ) {
    this.variant = variant;
    this.sweep = new NeighbourSweep(tree, k, radius);
    this.table = new Int32Array(k * rowsAtOnce);
    this.counts = new Uint32Array(rowsAtOnce);
    this.weights = new Float64Array(k + 3);
    this.rows = new Int32Array(k + 3);
    this.histograms = new Float32Array(fpfhLength * tree.size);
    this.scales = new Float64Array(tree.size).fill(-1);
  }

  /** Writes the features of the positions `start`…`end − 1` to `features`, from `offset` on. */
  build(start: number, end: number, features: Float32Array, offset: number): void {
    this.search(start, end);
    this.countPairs(start, end);
    this.average(start, end, features, offset);
  }

  private search(start: number, end: number): void {
    const { k, table, counts, sweep } = this;
    for (let position = start, row = 0; position < end; position++, row += k) {
      const count = sweep.visit(position);
      const { positions } = sweep.search;
      for (let i = 0; i < count; i++) table[row + i] = positions[i];
      counts[position - start] = count;
    }
  }

  /** Completes the histograms of the points in the table and of their neighbours. */
  private countPairs(start: number, end: number): void {
    const { k, table, counts, scales, sweep } = this;
    for (let position = start, row = 0; position < end; position++, row += k) {
      if (scales[position] < 0) this.countPairsOf(position, table, row, counts[position - start]);
    }
    for (let position = start, row = 0; position < end; position++, row += k) {
      for (let i = row; i < row + counts[position - start]; i++) {
        const neighbour = table[i];
        if (scales[neighbour] >= 0) continue;
        const count = sweep.visit(neighbour);
        this.countPairsOf(neighbour, sweep.search.positions, 0, count);
      }
    }
  }

  /** The simplified histogram (SPFH) of one point, as counts. */
  private countPairsOf(position: number, neighbours: Int32Array, start: number, count: number): void {
    const { normals, histograms, variant } = this;
    const { coordinates } = this.tree;
    const histogram = fpfhLength * position;
    let degenerate = 0;
    for (let i = start; i < start + count; i++) {
      const bins = binPair(coordinates, normals, position, neighbours[i]);
      histograms[histogram + (bins & 15)]++;
      histograms[histogram + ((bins >> 4) & 63)]++;
      histograms[histogram + ((bins >> 10) & 63)]++;
      degenerate += bins >> 16;
    }
    // The first neighbour is no pair: it is the point itself, or a duplicate that comes before it.
    const dropped = variant === 'pcl' ? degenerate : 1;
    for (const bin of middleBins) histograms[histogram + bin] -= dropped;
    this.scales[position] = count > 1 ? 100 / (count - 1) : 0;
  }

  /** Mean of the histograms of the neighbours, plus the point's own: FPFH. */
  private average(start: number, end: number, features: Float32Array, offset: number): void {
    const { k, counts, histograms, scales, sums, variant } = this;
    for (let position = start; position < end; position++) {
      const count = counts[position - start];
      this.sumNeighbours(position, k * (position - start), count);
      const ownScale = variant === 'pcl' ? 0 : scales[position];
      const own = fpfhLength * position;
      const out = offset + fpfhLength * (position - start);
      for (let block = 0; block < fpfhLength; block += binsPerAngle) {
        let scale = 1 / Math.max(1, count - 1);
        if (variant !== 'paper') {
          let total = 0;
          for (let bin = block; bin < block + binsPerAngle; bin++) total += sums[bin];
          scale = total > 0 ? 100 / total : 0;
        }
        for (let bin = block; bin < block + binsPerAngle; bin++) {
          features[out + bin] = scale * sums[bin] + ownScale * histograms[own + bin];
        }
      }
    }
  }

  /** Weighted sum of the histograms of the neighbours in a row of the table, into `sums`. */
  private sumNeighbours(position: number, row: number, count: number): void {
    const { table, histograms, scales, sums, weights, rows, variant } = this;
    const { coordinates } = this.tree;
    const x = coordinates[3 * position];
    const y = coordinates[3 * position + 1];
    const z = coordinates[3 * position + 2];
    for (let i = 0; i < count; i++) {
      const neighbour = table[row + i];
      const dx = coordinates[3 * neighbour] - x;
      const dy = coordinates[3 * neighbour + 1] - y;
      const dz = coordinates[3 * neighbour + 2] - z;
      const squaredDistance = dx * dx + dy * dy + dz * dz;
      const divisor = variant === 'paper' ? Math.sqrt(squaredDistance) : squaredDistance;
      weights[i] = squaredDistance > 0 ? scales[neighbour] / divisor : 0;
      rows[i] = fpfhLength * neighbour;
    }
    weights.fill(0, count, count + 3);
    sums.fill(0);
    // Four rows at once, the last ones perhaps with weight 0: this loop is bound by loads and stores of the sums.
    for (let i = 0; i < count; i += 4) {
      const [row0, row1, row2, row3] = [rows[i], rows[i + 1], rows[i + 2], rows[i + 3]];
      const [weight0, weight1, weight2, weight3] = [
        weights[i],
        weights[i + 1],
        weights[i + 2],
        weights[i + 3],
      ];
      for (let bin = 0; bin < fpfhLength; bin++) {
        sums[bin] +=
          weight0 * histograms[row0 + bin] +
          weight1 * histograms[row1 + bin] +
          weight2 * histograms[row2 + bin] +
          weight3 * histograms[row3 + bin];
      }
    }
  }
}

/** Where a degenerate pair falls. */
const middleBins = [5, 16, 27];
