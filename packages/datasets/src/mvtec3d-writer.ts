import { join } from 'node:path';
import { type OrganisedCloud, ShapeError } from '@anomclip/core';
import { encodePng, type Image, type Mask } from '@anomclip/core/image';
import { writeAtomically } from '@anomclip/core/node';
import { writeXyzTiff } from '@anomclip/pointcloud/io';
import {
  checkMask,
  checkNames,
  encodeTruth,
  openTarget,
  type WriterOptions,
  type WrittenName,
} from './sample-writer.js';

/** A sample to be written. `image`, `organised` and `mask` have the same H and W. */
export interface Mvtec3dSampleToWrite extends WrittenName {
  /** [H, W, 3]. */
  readonly image: Image;
  /** [H, W, 3], metres, (0, 0, 0) where nothing was measured. */
  readonly organised: OrganisedCloud;
  /** [H, W], 0 or 1. Required for anomalous samples; all zero for normal ones, where it may be left out. */
  readonly mask?: Mask;
}

/** Writes samples in the layout of MVTec 3D-AD. */
export interface Mvtec3dWriter {
  /** Absolute path. */
  readonly root: string;
  /**
   * Writes the two or three files of a sample, each under a temporary name first. xyz comes last: a sample is listed
   * by readers only when all of it is there.
   *
   * @returns The sample's id, `class/split/type/stem`.
   * @throws `ArgumentError` for names that are no plain names and for masks that contradict the defect type.
   * @throws `ShapeError` when the sizes differ.
   */
  write(sample: Mvtec3dSampleToWrite): Promise<string>;
}

/**
 * Starts a dataset in the layout of MVTec 3D-AD: rgb as PNG, xyz as float32 TIFF, gt (0 and 255) as PNG in `test` only,
 * for normal samples too.
 *
 * @throws `DatasetError` when `root` holds something already and `overwrite` is not set.
 */
export async function createMvtec3dWriter(root: string, options: WriterOptions = {}): Promise<Mvtec3dWriter> {
  const folder = await openTarget(root, options);
  return {
    root: folder,
    async write(sample) {
      checkNames(sample);
      checkArrays(sample);
      const { className, split, defectType, stem, image, organised, mask } = sample;
      const [height, width] = image.shape;
      const type = join(folder, className, split, defectType);
      await writeAtomically(join(type, 'rgb', `${stem}.png`), encodePng(image));
      if (split === 'test') {
        await writeAtomically(join(type, 'gt', `${stem}.png`), encodeTruth(height, width, mask));
      }
      await writeAtomically(join(type, 'xyz', `${stem}.tiff`), writeXyzTiff(organised));
      return `${className}/${split}/${defectType}/${stem}`;
    },
  };
}

function checkArrays({ defectType, image, organised, mask }: Mvtec3dSampleToWrite): void {
  const [height, width, channels] = image.shape;
  if (image.shape.length !== 3 || channels !== 3)
    throw new ShapeError('write: image', '[H, W, 3]', image.shape);
  if (organised.xyz.shape.join() !== [height, width, 3].join()) {
    throw new ShapeError(
      'write: organised.xyz',
      `[${height}, ${width}, 3] as the image`,
      organised.xyz.shape,
    );
  }
  if (mask && mask.shape.join() !== [height, width].join()) {
    throw new ShapeError('write: mask', `[${height}, ${width}] as the image`, mask.shape);
  }
  checkMask(defectType, mask);
}
