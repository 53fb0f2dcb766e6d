import { contiguous, resizeImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { type BackgroundOptions, removeBackground } from '../background.js';
import { resizeNearest, type Scan, scanSize, validityTest } from '../organised.js';
import { keepPoints } from './prepare-scan.js';
import type { PreparedCloud } from './prepared-cloud.js';
import { resizeMask } from './resize-mask.js';

export interface PrepareMvtec3dOptions {
  /** Side of the grid and of the image. @defaultValue 336 */
  size?: number;
  /** How the background is removed; `false` when that is done already. @defaultValue the published lengths, seed 111 */
  background?: BackgroundOptions | false;
}

/** A prepared scan and what its cleaning found. */
export interface PreparedMvtec3d extends PreparedCloud {
  readonly grid: readonly [height: number, width: number];
  /** What a person should look at; see {@link removeBackground}. */
  readonly warnings: readonly string[];
}

/**
 * A scan of MVTec 3D-AD for PointAD (`pointad.md` 2.2, 2.3): the background removed, padded to a square, points resized to
 * the grid by the nearest pixel, the image bicubically. A cell is foreground where z ≠ 0. Labels, for the ground truth of
 * the views, are the mask resized bicubically and cut at one half; targets the same bilinearly (7.3). A scan without
 * points gives no foreground.
 *
 * @throws {@link ShapeError} when the parts differ in size, {@link ArgumentError} when an option cannot be or an empty scan
 * is to be resized.
 */
export function prepareMvtec3d(scan: Scan, options: PrepareMvtec3dOptions = {}): PreparedMvtec3d {
  const { size = 336, background = {} } = options;
  scanSize('prepareMvtec3d', scan);
  const { clean, warnings } =
    background === false ? { clean: scan, warnings: [] } : cleaned(scan, background);
  const { organised, image, mask } = clean;
  return {
    ...keepPoints(contiguous(resizeNearest(organised, size, size).xyz), isPoint),
    grid: [size, size],
    ...(mask && { labels: resizeMask(mask, size, 'bicubic'), targets: resizeMask(mask, size, 'bilinear') }),
    ...(image && { image: resizeImage(image, size, size) }),
    warnings,
  };
}

function isPoint(x: number, y: number, z: number): boolean {
  return z !== 0 && Number.isFinite(x + y + z);
}

/** The background removal, after which also pixels with a single coordinate of 0 are background. */
function cleaned(scan: Scan, options: BackgroundOptions): { clean: Scan; warnings: readonly string[] } {
  const { missing = 'any-zero', rng = createRng(111) } = options;
  const { organised, image, mask, warnings } = removeBackground(scan, { ...options, rng });
  const isKept = validityTest('prepareMvtec3d', missing);
  const { positions, foreground } = keepPoints(contiguous(organised.xyz), isKept);
  const pixels = image && contiguous(image).map((value, i) => (foreground[Math.floor(i / 3)] ? value : 0));
  return {
    clean: {
      organised: { xyz: ndarray(positions, organised.xyz.shape) },
      ...(image && pixels && { image: ndarray(pixels, image.shape) }),
      ...(mask && { mask }),
    },
    warnings,
  };
}
