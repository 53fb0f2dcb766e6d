import { ArgumentError, type OrganisedCloud } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import { depthMap } from '@anomclip/pointcloud';
import type { PreparedCloud } from '@anomclip/pointcloud/prepare';
import ndarray from 'ndarray';

/**
 * The depth of a scan as an image (section 9 of PointAD's specification): z of the foreground scaled to 0…255, the smallest
 * and largest of this scan; background 0; three equal channels. Where all z are equal, the foreground is 255.
 *
 * @param cloud - A prepared cloud with a grid; or a scan, whose missing points are background.
 * @returns [H, W, 3]
 * @throws {@link ArgumentError} for a loose cloud: it has no pixels.
 */
export function depthImage(cloud: PreparedCloud | OrganisedCloud): Image {
  const { depth, foreground, shape } = 'xyz' in cloud ? ofScan(cloud) : ofPrepared(cloud);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let cell = 0; cell < depth.length; cell++) {
    if (!foreground[cell]) continue;
    low = Math.min(low, depth[cell]);
    high = Math.max(high, depth[cell]);
  }
  const pixels = new Uint8Array(3 * depth.length);
  for (let cell = 0; cell < depth.length; cell++) {
    if (!foreground[cell]) continue;
    const grey = high > low ? Math.round((255 * (depth[cell] - low)) / (high - low)) : 255;
    pixels.fill(grey, 3 * cell, 3 * cell + 3);
  }
  return ndarray(pixels, [...shape, 3]);
}

interface Depth {
  /** [H·W] */
  readonly depth: Float32Array;
  /** [H·W] 1 where there is a point. */
  readonly foreground: Uint8Array;
  readonly shape: readonly [height: number, width: number];
}

function ofPrepared({ positions, foreground, grid }: PreparedCloud): Depth {
  if (!grid) {
    throw new ArgumentError(
      'depthImage',
      'a cloud with a grid',
      'a loose cloud',
      'render views of it instead',
    );
  }
  const depth = Float32Array.from(foreground, (_, cell) => positions[3 * cell + 2]);
  return { depth, foreground, shape: grid };
}

function ofScan(scan: OrganisedCloud): Depth {
  const { data, shape } = depthMap(scan);
  return {
    depth: data,
    foreground: Uint8Array.from(data, (z) => Number(z !== 0)),
    shape: [shape[0], shape[1]],
  };
}
