import { ArgumentError } from '@anomclip/core';
import type { MultiViewSample } from './multi-view-sample.js';
import { colourPicture } from './sample-scene.js';

/**
 * The renderings of a sample with other colours of the same points: a gather, without any geometry.
 *
 * @param colours - Red, green, blue of every cell, length 3·N.
 * @returns [V, S, S, 3], as `renderings` of a sample with these colours.
 * @throws {@link ArgumentError} when the sample has no index maps, {@link ShapeError} when colours are missing.
 */
export function recolourSample(sample: MultiViewSample, colours: Uint8Array): Uint8Array {
  const { indexMaps, options, viewCount } = sample;
  if (!indexMaps) {
    throw new ArgumentError('recolourSample', 'a sample with index maps', undefined, 'set keep.indexMaps');
  }
  const { window, size, background } = options.render;
  const recoloured = new Uint8Array(viewCount * size * size * 3);
  for (let view = 0; view < viewCount; view++) {
    const index = indexMaps.subarray(view * window * window, (view + 1) * window * window);
    const raster = { width: window, height: window, index };
    recoloured.set(colourPicture(raster, colours, background, size), view * size * size * 3);
  }
  return recoloured;
}
