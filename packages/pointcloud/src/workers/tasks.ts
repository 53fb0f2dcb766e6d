import { type FpfhOptions, fpfhOfRange } from '../fpfh.js';
import type { KdTree } from '../kd-tree.js';
import { type NormalOptions, normalsOfRange } from '../normals.js';
import type { Drawable } from '../views/drawable.js';
import type { PlannedView } from '../views/plan-views.js';
import { type RenderViewOptions, renderView } from '../views/render-view.js';

/** The pixels of a view; its arrays cannot be sent as they are. */
export interface ViewPixels {
  readonly image: Uint8Array;
  readonly groundTruth?: Uint8Array;
}

/**
 * What a worker can do; everything can be sent to another thread. Of normals and features: positions `start`…`end − 1` of
 * the tree order in, their rows out.
 */
export const tasks = {
  /** xyz triples. */
  normals(
    tree: KdTree,
    options: Pick<NormalOptions, 'radius' | 'maxNeighbours' | 'solver'>,
    start: number,
    end: number,
  ): Float64Array {
    return normalsOfRange(tree, options, start, end);
  },

  /** Rows of 33. */
  fpfh(
    tree: KdTree,
    normals: Float64Array,
    options: Pick<FpfhOptions, 'radius' | 'maxNeighbours' | 'variant'>,
    start: number,
    end: number,
  ): Float32Array {
    return fpfhOfRange(tree, normals, options, start, end);
  },

  /** One picture, and its ground truth where there are labels. */
  view(drawable: Drawable, plan: PlannedView, options: RenderViewOptions): ViewPixels {
    const { image, groundTruth } = renderView(drawable, plan, options);
    return { image: image.data, ...(groundTruth && { groundTruth: groundTruth.data }) };
  },
};
