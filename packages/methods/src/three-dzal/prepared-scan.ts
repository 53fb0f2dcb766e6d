import { breathe } from '@anomclip/core';
import type { ResNet } from '@anomclip/core/resnet';
import { toUnorganised } from '@anomclip/pointcloud';
import type { BtfSample } from '../btf/btf-detector.js';
import { FPFH_SIZE, patchFeatures } from '../btf/features.js';
import { type Placement, scanToModelGrid } from '../btf/model-grid.js';
import type { ThreeDzalConfig } from './config.js';
import { type CellPatch, cellPatches } from './patches.js';
import { imageOf, RGB_SIZE, rgbFeatures } from './rgb-features.js';

/** What is known of a scan before anything is learned. */
export interface PreparedScan {
  readonly placement: Placement;
  /** xyz triples of the measured points on the model's grid. */
  readonly positions: Float32Array;
  /** [patches², 33] row-major. */
  readonly fpfh: Float32Array;
  /** [patches², 1536] row-major; only with a colour network. */
  readonly rgb?: Float32Array;
  /** Of the cells that are not empty. */
  readonly patches: readonly CellPatch[];
}

/**
 * Cleans a scan, reduces it to the model's grid, describes it with FPFH and colours, and cuts it into patches.
 *
 * @param where - Begins error messages.
 * @returns `null` when no points are left; then the placement is all there is.
 */
export async function prepareScan(
  where: string,
  { organised, image }: BtfSample,
  config: ThreeDzalConfig,
  { network, signal }: { network?: ResNet | undefined; signal?: AbortSignal | undefined },
): Promise<PreparedScan | { readonly placement: Placement; readonly fpfh: null }> {
  const colours = network && { image: imageOf(where, image) };
  const background = { ...config.background, missing: config.missing };
  const scan = scanToModelGrid({ organised, ...colours }, { ...config, background });
  await breathe(signal);
  const fpfh = patchFeatures(scan.organised, config);
  if (!fpfh) return { placement: scan.placement, fpfh };
  await breathe(signal);
  const rgb = network && (await rgbFeatures(imageOf(where, scan.image), network, config));
  const { positions } = toUnorganised(scan.organised, { missing: config.missing });
  const patches = cellPatches(scan.organised, config);
  return { placement: scan.placement, positions, fpfh, patches, ...(rgb && { rgb }) };
}

/** Numbers of a patch that nothing has learned. */
export function baseSize(hasColours: boolean): number {
  return FPFH_SIZE + (hasColours ? RGB_SIZE : 0);
}

/**
 * The features f(x) of all patches of a scan: colours, FPFH, learned, in this order.
 *
 * @param learned - [patches², D] row-major, if there are any.
 * @returns [patches², (1536) + 33 + D] row-major.
 */
export function joinFeatures(
  { rgb, fpfh }: Pick<PreparedScan, 'rgb' | 'fpfh'>,
  learned?: Float32Array,
): Float32Array {
  const count = fpfh.length / FPFH_SIZE;
  const parts = [rgb, fpfh, learned].filter((part) => part !== undefined);
  const width = parts.reduce((sum, part) => sum + part.length / count, 0);
  const rows = new Float32Array(count * width);
  let start = 0;
  for (const part of parts) {
    const own = part.length / count;
    for (let row = 0; row < count; row++)
      rows.set(part.subarray(row * own, (row + 1) * own), row * width + start);
    start += own;
  }
  return rows;
}
