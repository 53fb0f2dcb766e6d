import { contiguous, resizeImage } from '@anomclip/core/image';
import { resizeScan, type Scan } from '../organised.js';
import { type CleanEyecandiesOptions, cleanEyecandies } from './clean-eyecandies.js';
import type { PreparedCloud } from './prepared-cloud.js';
import { resizeMask } from './resize-mask.js';

export interface PrepareEyecandiesOptions extends CleanEyecandiesOptions {
  /** Side of the grid and of the image. @defaultValue 336 */
  size?: number;
}

/**
 * A scan of Eyecandies for PointAD (`pointad.md` 2.4): points and labels resized to the grid by the nearest pixel, the
 * background cut off there, the image resized bicubically with its background. Targets are the mask resized bilinearly
 * and cut at one half (7.3).
 *
 * @param scan - World points as {@link eyecandiesPoints} gives them; the image of light 4.
 * @throws {@link ShapeError} when the parts differ in size, {@link ArgumentError} when an option cannot be or the tilt
 * cannot be told.
 */
export function prepareEyecandies(
  scan: Scan,
  options: PrepareEyecandiesOptions = {},
): PreparedCloud & { readonly grid: readonly [height: number, width: number] } {
  const { size = 336, tiltColumns } = options;
  const resized = resizeScan({ organised: scan.organised, mask: scan.mask }, size, size);
  const { organised, foreground } = cleanEyecandies(resized.organised, { tiltColumns });
  return {
    positions: contiguous(organised.xyz),
    foreground,
    grid: [size, size],
    ...(resized.mask &&
      scan.mask && {
        labels: contiguous(resized.mask).map((value) => Number(value > 0)),
        targets: resizeMask(scan.mask, size, 'bilinear'),
      }),
    ...(scan.image && { image: resizeImage(scan.image, size, size) }),
  };
}
