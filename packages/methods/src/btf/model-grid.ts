import type { OrganisedCloud } from '@anomclip/core';
import { type AnomalyMap, contiguous, type Image, interpolate, type Mask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import {
  maskResizeNearest,
  padToSquare,
  removeBackground,
  resizeNearest,
  type Scan,
} from '@anomclip/pointcloud';
import ndarray from 'ndarray';
import type { BtfConfig } from './config.js';

/** How the pixels of a scan lie on the padded scan that the model's grid covers. */
export interface Placement {
  /** [height, width] of the scan. */
  readonly shape: readonly [height: number, width: number];
  /** [height, width] of the padded scan. */
  readonly paddedShape: readonly [height: number, width: number];
  /** Of the scan's first pixel on the padded scan. */
  readonly top: number;
  readonly left: number;
}

export type GridConfig = Pick<BtfConfig, 'size' | 'preprocess' | 'background' | 'seed'>;

/**
 * A scan as the model sees it: cleaned and padded (unless raw), then its points reduced to [size, size, 3]. An image is
 * cleaned and padded like the points and keeps its resolution.
 */
export function scanToModelGrid(
  scan: Pick<Scan, 'organised' | 'image'>,
  config: GridConfig,
): { organised: OrganisedCloud; image?: Image; placement: Placement } {
  const { size, preprocess, background, seed } = config;
  const [height, width] = scan.organised.xyz.shape;
  let padded = scan;
  let padding = { top: 0, left: 0 };
  if (preprocess === 'btf') {
    const clean = removeBackground(scan, { ...background, rng: createRng(seed).fork('background') });
    padded = clean;
    padding = clean.padding;
  }
  const [paddedHeight, paddedWidth] = padded.organised.xyz.shape;
  return {
    organised: resizeNearest(padded.organised, size, size),
    ...(padded.image && { image: padded.image }),
    placement: { shape: [height, width], paddedShape: [paddedHeight, paddedWidth], ...padding },
  };
}

/** A mask of a scan on the model's grid, as the paper evaluates maps of it: padded, then the nearest pixel. */
export function maskToModelGrid(mask: Mask, { size, preprocess, background }: GridConfig): Mask {
  if (preprocess === 'raw') return maskResizeNearest(mask, size, size);
  const [height, width] = mask.shape;
  const empty = { xyz: ndarray(new Float32Array(3 * height * width), [height, width, 3]) };
  const padded = padToSquare({ organised: empty, mask }, background.padMultiple);
  return maskResizeNearest(padded.mask ?? mask, size, size);
}

/** A map of the model's grid on the pixels of the scan: resized bilinearly to the padded scan, padding cut off. */
export function mapFromModelGrid(map: AnomalyMap, placement: Placement): AnomalyMap {
  const { shape, paddedShape, top, left } = placement;
  const padded = interpolate(map, ...paddedShape);
  const scan = padded.lo(top, left).hi(...shape);
  return ndarray(contiguous(scan).slice(), [...shape]);
}
