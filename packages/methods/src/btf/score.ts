import { type AnomalyMap, interpolate } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { blurMap, type MapBlur } from './blur.js';

/**
 * The anomaly map of patch distances: resized bilinearly (half-pixel centres) and smoothed.
 *
 * @param distances - [patches, patches] of the patches to their nearest bank rows, row-major.
 * @returns [size, size].
 */
export function distanceMap(
  distances: Float64Array,
  patches: number,
  size: number,
  blur: MapBlur,
): AnomalyMap {
  const grid = ndarray(Float32Array.from(distances), [patches, patches]);
  return blurMap(interpolate(grid, size, size), blur);
}
