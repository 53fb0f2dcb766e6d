import type { Image } from '@anomclip/core/image';

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
