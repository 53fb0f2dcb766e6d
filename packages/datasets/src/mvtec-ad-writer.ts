import { join } from 'node:path';
import { ArgumentError, ShapeError } from '@anomclip/core';
import { encodePng, type Image, type Mask } from '@anomclip/core/image';
import { writeAtomically } from '@anomclip/core/node';
import { normalType } from './sample.js';
import {
  checkMask,
  checkNames,
  encodeTruth,
  openTarget,
  type WriterOptions,
  type WrittenName,
} from './sample-writer.js';

/** An image to be written; `mask` has the same H and W. */
export interface MvtecAdSampleToWrite extends WrittenName {
  /** [H, W, 3]. */
  readonly image: Image;
  /** [H, W], 0 or 1. Required for anomalous images; all zero for normal ones, where it may be left out. */
  readonly mask?: Mask;
}

/** Writes images in the layout of MVTec AD. */
export interface MvtecAdWriter {
  /** Absolute path. */
  readonly root: string;
  /**
   * Writes an image, and before it its mask where it is anomalous, each under a temporary name first.
   *
   * @returns The sample's id, `class/split/type/stem`.
   * @throws `ArgumentError` for names that are no plain names, for the split `validation`, which the layout does not
   * have, and for masks that contradict the defect type.
   * @throws `ShapeError` when the sizes differ.
   */
  write(sample: MvtecAdSampleToWrite): Promise<string>;
}

/**
 * Starts a dataset in the layout of MVTec AD: images as PNG, masks (0 and 255) of anomalous ones in `ground_truth`.
 *
 * @throws `DatasetError` when `root` holds something already and `overwrite` is not set.
 */
export async function createMvtecAdWriter(root: string, options: WriterOptions = {}): Promise<MvtecAdWriter> {
  const folder = await openTarget(root, options);
  return {
    root: folder,
    async write(sample) {
      checkNames(sample);
      checkArrays(sample);
      const { className, split, defectType, stem, image, mask } = sample;
      const [height, width] = image.shape;
      if (defectType !== normalType) {
        const truth = join(folder, className, 'ground_truth', defectType, `${stem}_mask.png`);
        await writeAtomically(truth, encodeTruth(height, width, mask));
      }
      await writeAtomically(join(folder, className, split, defectType, `${stem}.png`), encodePng(image));
      return `${className}/${split}/${defectType}/${stem}`;
    },
  };
}

function checkArrays({ split, defectType, image, mask }: MvtecAdSampleToWrite): void {
  const [height, width, channels] = image.shape;
  if (split === 'validation') throw new ArgumentError('write: split', 'train or test', split);
  if (image.shape.length !== 3 || channels !== 3)
    throw new ShapeError('write: image', '[H, W, 3]', image.shape);
  if (mask && mask.shape.join() !== [height, width].join()) {
    throw new ShapeError('write: mask', `[${height}, ${width}] as the image`, mask.shape);
  }
  checkMask(defectType, mask);
}
