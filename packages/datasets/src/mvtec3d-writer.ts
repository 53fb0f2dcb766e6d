import { type OrganisedCloud, ShapeError } from '@anomclip/core';
import { encodePng } from '@anomclip/core/image';
import { writeXyzTiff } from '@anomclip/pointcloud/io';
import {
  createSampleWriter,
  type DatasetWriter,
  encodeTruth,
  type SampleToWrite,
  type WriterOptions,
} from './sample-writer.js';

/** A scan to be written. */
export interface ScanToWrite extends SampleToWrite {
  /** [H, W, 3] of the image's H and W, metres, (0, 0, 0) where nothing was measured. */
  readonly organised: OrganisedCloud;
}

/**
 * Starts a dataset in the layout of MVTec 3D-AD: rgb as PNG, xyz as float32 TIFF, gt (0 and 255) as PNG in `test` only,
 * for normal samples too.
 *
 * @throws `DatasetError` when `root` holds something already and `overwrite` is not set.
 */
export function createMvtec3dWriter(
  root: string,
  options: WriterOptions = {},
): Promise<DatasetWriter<ScanToWrite>> {
  return createSampleWriter(root, options, (sample) => {
    const { className, split, defectType, stem, image, organised } = sample;
    const [height, width] = image.shape;
    if (organised.xyz.shape.join() !== [height, width, 3].join()) {
      throw new ShapeError(
        'write: organised.xyz',
        `[${height}, ${width}, 3] as the image`,
        organised.xyz.shape,
      );
    }
    const type = `${className}/${split}/${defectType}`;
    const truth = split === 'test' ? [[`${type}/gt/${stem}.png`, encodeTruth(sample)] as const] : [];
    return [
      [`${type}/rgb/${stem}.png`, encodePng(image)],
      ...truth,
      [`${type}/xyz/${stem}.tiff`, writeXyzTiff(organised)],
    ];
  });
}
