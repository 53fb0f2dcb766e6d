import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import { countPoints } from '../check-points.js';

/**
 * A sample ready for its views: a fixed number of cells N, each with or without a point. The cells of a scan are the pixels
 * of its grid, in raster order; those of a loose cloud have no order that means anything.
 */
export interface PreparedCloud {
  /** xyz triples of the cells, length 3·N; (0, 0, 0) where there is no point. */
  readonly positions: Float32Array;
  /** [N] 1 where the cell holds a point. */
  readonly foreground: Uint8Array;
  /** Height and width of the grid, N = height · width; absent for a loose cloud. */
  readonly grid?: readonly [height: number, width: number];
  /** [N] 1 where anomalous: what the ground truth of the views is drawn from. */
  readonly labels?: Uint8Array;
  /** [N] 1 where anomalous: what point scores are trained and evaluated against. Background may be anomalous. */
  readonly targets?: Uint8Array;
  /** Red, green, blue of the cells, length 3·N. */
  readonly colours?: Uint8Array;
  /** The colour image of the sample, for methods that look at it too. */
  readonly image?: Image;
}

/**
 * Number of cells.
 *
 * @throws {@link ShapeError} when the parts disagree, {@link ArgumentError} when a coordinate is not finite or a
 * flag is neither 0 nor 1.
 */
export function checkPreparedCloud(where: string, cloud: PreparedCloud): number {
  const { positions, foreground, grid, labels, targets, colours } = cloud;
  const count = countPoints(where, positions);
  for (const [name, part, width] of [
    ['foreground', foreground, 1],
    ['labels', labels, 1],
    ['targets', targets, 1],
    ['colours', colours, 3],
  ] as const) {
    if (part && part.length !== width * count) {
      throw new ShapeError(`${where}: ${name}`, `${width} per cell [${width * count}]`, [part.length]);
    }
  }
  for (const [name, flags] of Object.entries({ foreground, labels, targets })) {
    const wrong = flags?.find((flag) => flag > 1);
    if (wrong !== undefined) throw new ArgumentError(`${where}: ${name}`, 'flags of 0 or 1', wrong);
  }
  if (grid && grid[0] * grid[1] !== count) {
    throw new ShapeError(`${where}: grid`, `height and width of ${count} cells`, grid);
  }
  return count;
}
