import { join, resolve } from 'node:path';
import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous, encodePng, type Image, type Mask } from '@anomclip/core/image';
import { writeXyzTiff } from '@anomclip/pointcloud/io';
import ndarray from 'ndarray';
import { DatasetError } from './dataset-error.js';
import { isClutter } from './list-folder.js';
import { normalType, type Split, splits } from './sample.js';
import { namesIn, writeAtomically } from './write-atomically.js';

/** Options of {@link createMvtec3dWriter}. */
export interface Mvtec3dWriterOptions {
  /**
   * Write into a folder that already holds something: files of the same name are replaced, all others stay.
   * @defaultValue false
   */
  overwrite?: boolean;
}

/** A sample to be written. `image`, `organised` and `mask` have the same H and W. */
export interface Mvtec3dSampleToWrite {
  /** Names of one folder or file each: letters, digits, `_`, `-`, `.` and spaces. */
  readonly className: string;
  readonly split: Split;
  /** `good` for normal samples, and always outside of `test`. */
  readonly defectType: string;
  /** Usually three digits. */
  readonly stem: string;
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
 * @throws {@link DatasetError} when `root` holds something already and `overwrite` is not set.
 */
export async function createMvtec3dWriter(
  root: string,
  options: Mvtec3dWriterOptions = {},
): Promise<Mvtec3dWriter> {
  const { overwrite = false } = options;
  const folder = resolve(root);
  const present = (await namesIn(folder)) ?? [];
  if (present.length > 0 && !overwrite) {
    throw new DatasetError(folder, `is not empty, it holds ${present[0]}`, {
      hint: 'pass a new folder, or overwrite: true to write into this one',
    });
  }

  return {
    root: folder,
    async write(sample) {
      checkNames(sample);
      checkArrays(sample);
      const { className, split, defectType, stem, image, organised } = sample;
      const type = join(folder, className, split, defectType);
      await writeAtomically(join(type, 'rgb', `${stem}.png`), encodePng(image));
      if (split === 'test') await writeAtomically(join(type, 'gt', `${stem}.png`), encodeTruth(sample));
      await writeAtomically(join(type, 'xyz', `${stem}.tiff`), writeXyzTiff(organised));
      return `${className}/${split}/${defectType}/${stem}`;
    },
  };
}

/** 8-bit grey, 255 where anomalous: readers of the original compare with 0 or with 127. */
function encodeTruth({ image, mask }: Mvtec3dSampleToWrite): Uint8Array {
  const [height, width] = image.shape;
  const truth = new Uint8Array(height * width);
  if (mask)
    contiguous(mask).forEach((value, i) => {
      truth[i] = value === 0 ? 0 : 255;
    });
  return encodePng(ndarray(truth, [height, width]));
}

/** What is written must lie where the sample says, and be found again by the reader. */
function checkNames(sample: Mvtec3dSampleToWrite): void {
  for (const key of ['className', 'defectType', 'stem'] as const) {
    const name = sample[key];
    if (!/^[\p{L}\p{N}_-][\p{L}\p{N}_. -]*$/u.test(name) || isClutter(name)) {
      throw new ArgumentError(`write: ${key}`, 'a plain name of letters, digits, _ - . and spaces', name);
    }
  }
  if (!splits.includes(sample.split)) {
    throw new ArgumentError('write: split', splits.join(', '), sample.split);
  }
  if (sample.split !== 'test' && sample.defectType !== normalType) {
    throw new ArgumentError('write: defectType', `good in the ${sample.split} split`, sample.defectType);
  }
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
  if (defectType !== normalType && !mask) {
    throw new ArgumentError('write: mask', `the mask of the ${defectType} sample`, mask);
  }
  if (defectType === normalType && mask && contiguous(mask).some((value) => value !== 0)) {
    throw new ArgumentError(
      'write: mask',
      'no anomalous pixel in a sample of type good',
      mask.data,
      'name its defect',
    );
  }
}
