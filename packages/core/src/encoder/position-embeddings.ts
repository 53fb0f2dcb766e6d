import ndarray from 'ndarray';
import type { VisionConfig } from '../clip/index.js';
import { contiguous, interpolate } from '../image/index.js';
import type { FloatArray } from './onnx-runtime.js';

/**
 * What is added to the tokens of a grid of patches, interpolated where the grid is not the one trained for.
 *
 * @param trained - [1 + side², W], the class token's first.
 * @returns [1 + rows·columns, W]
 */
export function positionEmbeddings(
  trained: Float32Array,
  { imageSize, patchSize, width }: VisionConfig,
  rows: number,
  columns: number,
): FloatArray {
  const side = imageSize / patchSize;
  if (rows === side && columns === side) return { values: trained, shape: [1 + side * side, width] };
  const grid = ndarray(trained.subarray(width), [side, side, width]);
  const values = new Float32Array((1 + rows * columns) * width);
  values.set(trained.subarray(0, width));
  values.set(contiguous(interpolate(grid, rows, columns)), width);
  return { values, shape: [1 + rows * columns, width] };
}
