import { ArgumentError, ShapeError } from '@anomclip/core';
import { gaussianFilter } from '@anomclip/core/image';
import { buildKdTree, knnAll } from '@anomclip/pointcloud';
import ndarray from 'ndarray';
import type { PointadConfig } from './config.js';

/** Where points lie: on the grid of a scan, in space, or both. */
export interface PointLayout {
  /** Height and width of the grid. */
  readonly grid?: readonly [height: number, width: number];
  /** xyz triples. */
  readonly positions?: Float32Array;
}

/** Neighbours that are averaged in space, the point itself among them. */
const NEIGHBOURS = 16;

/**
 * Scores of points, smoothed (section 7.2 of PointAD's specification): on the grid with the zeros of its background, on
 * the order of storage as if that were a grid, or as a Gaussian-weighted mean over the nearest points.
 *
 * @param scores - [N]; left unchanged.
 * @throws {@link ArgumentError} when the points do not lie as the smoothing needs it.
 */
export function smoothPoints(
  scores: Float32Array,
  { grid, positions }: PointLayout,
  { pointSmoothing, smoothing: { sigma } }: Pick<PointadConfig, 'pointSmoothing' | 'smoothing'>,
): Float32Array {
  switch (pointSmoothing === 'auto' ? (grid ? 'grid' : 'none') : pointSmoothing) {
    case 'none':
      return scores.slice();
    case 'grid':
      if (!grid)
        throw new ArgumentError('smoothPoints', 'points on a grid', 'a loose cloud', "use 'knn' or 'none'");
      return smoothGrid(scores, grid, sigma);
    case 'indexGrid':
      return smoothGrid(scores, grid ?? squareOf(scores.length), sigma);
    case 'knn':
      return smoothInSpace(scores, positions);
  }
}

function smoothGrid(
  scores: Float32Array,
  [height, width]: readonly [number, number],
  sigma: number,
): Float32Array {
  return gaussianFilter(ndarray(scores, [height, width]), sigma).data;
}

function squareOf(count: number): [number, number] {
  const side = Math.round(Math.sqrt(count));
  if (side * side !== count) {
    throw new ArgumentError(
      'smoothPoints',
      'a square number of points for indexGrid',
      count,
      'prepare the cloud with prepareReal3d(), or smooth otherwise',
    );
  }
  return [side, side];
}

/** The bandwidth of a point is the mean distance to its neighbours, itself left out. */
function smoothInSpace(scores: Float32Array, positions: Float32Array | undefined): Float32Array {
  if (!positions)
    throw new ArgumentError('smoothPoints', 'positions for knn', positions, 'give them with the sample');
  if (positions.length !== 3 * scores.length) {
    throw new ShapeError('smoothPoints', `[${scores.length}, 3] positions`, [positions.length / 3, 3]);
  }
  if (scores.length < 2) return scores.slice();
  const { k, indices, squaredDistances, counts } = knnAll(buildKdTree(positions), { k: NEIGHBOURS });
  return Float32Array.from(scores, (own, point) => {
    const row = point * k;
    let distances = 0;
    for (let i = 0; i < counts[point]; i++) distances += Math.sqrt(squaredDistances[row + i]);
    const bandwidth = distances / (counts[point] - 1);
    if (!(bandwidth > 0)) return own; // all neighbours at the same place
    let [sum, total] = [0, 0];
    for (let i = 0; i < counts[point]; i++) {
      const weight = Math.exp(-squaredDistances[row + i] / (2 * bandwidth * bandwidth));
      sum += weight * scores[indices[row + i]];
      total += weight;
    }
    return sum / total;
  });
}
