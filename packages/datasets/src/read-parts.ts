import { type OrganisedCloud, type PointCloud, ShapeError } from '@anomclip/core';
import { decodeImage, decodeMask, type Image, type Mask } from '@anomclip/core/image';
import { readPcd, readXyzTiff } from '@anomclip/pointcloud/io';
import type { FileLimits } from './dataset.js';
import { fileSource, type Source } from './source.js';

/** File name endings, lower case. */
export const imageEndings: readonly string[] = ['.png', '.jpg', '.jpeg'];
export const tiffEndings: readonly string[] = ['.tiff', '.tif'];

/** PNG or JPEG, by content → [H, W, 3]. */
export function imageSource(path: string, limits: FileLimits): Source<Image> {
  return fileSource(path, (bytes) => decodeImage(bytes, limits), limits);
}

/** PNG → [H, W]: pixel values are often ids of the defect (1, 2 or 253, 254, 255), so every value above 0 counts. */
export function maskSource(path: string, limits: FileLimits): Source<Mask> {
  return fileSource(path, (bytes) => decodeMask(bytes, limits), limits);
}

/** Float TIFF → [H, W, 3]. */
export function xyzSource(path: string, limits: FileLimits): Source<OrganisedCloud> {
  return fileSource(path, (bytes) => readXyzTiff(bytes, limits), limits);
}

/** PCD → [N, 3]. */
export function pcdSource(path: string, limits: FileLimits): Source<PointCloud> {
  return fileSource(path, (bytes) => readPcd(bytes, limits).cloud, limits);
}

/**
 * 1 where any of the masks is.
 *
 * @throws ShapeError when their sizes differ.
 */
export function uniteMasks([first, ...others]: readonly Mask[]): Mask {
  for (const mask of others) {
    if (mask.shape.join() !== first.shape.join()) {
      throw new ShapeError('masks of one image', `[${first.shape.join(', ')}] as the first`, mask.shape);
    }
    mask.data.forEach((value, i) => {
      if (value === 1) first.data[i] = 1; // decoded just now, contiguous and ours
    });
  }
  return first;
}
