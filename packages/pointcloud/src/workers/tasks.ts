import { type FpfhOptions, fpfhOfRange } from '../fpfh.js';
import type { KdTree } from '../kd-tree.js';
import { type NormalOptions, normalsOfRange } from '../normals.js';

/**
 * What a worker can do. Positions `start`…`end − 1` of the tree order in, their rows out; everything can be sent to
 * another thread.
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
};
