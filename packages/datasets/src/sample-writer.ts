import { join, resolve } from 'node:path';
import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous, encodePng, type Image, type Mask } from '@anomclip/core/image';
import { writeAtomically } from '@anomclip/core/node';
import ndarray from 'ndarray';
import { DatasetError } from './dataset-error.js';
import { isClutter } from './list-folder.js';
import { namesIn } from './names-in.js';
import { normalType, type Split, splits } from './sample.js';

/** Options of the writers. */
export interface WriterOptions {
  /**
   * Write into a folder that already holds something: files of the same name are replaced, all others stay.
   * @defaultValue false
   */
  overwrite?: boolean;
}

/** What a sample to be written has in every layout. */
export interface SampleToWrite {
  /** Names of one folder or file each: letters, digits, `_`, `-`, `.` and spaces. */
  readonly className: string;
  readonly split: Split;
  /** `good` for normal samples, and always outside of `test`. */
  readonly defectType: string;
  /** Usually three digits. */
  readonly stem: string;
  /** [H, W, 3]. */
  readonly image: Image;
  /** [H, W] of the image, 0 or 1. Required for anomalous samples; all zero for normal ones, where it may be left out. */
  readonly mask?: Mask;
}

/** Writes samples in the layout of one dataset. */
export interface DatasetWriter<Sample extends SampleToWrite> {
  /** Absolute path. */
  readonly root: string;
  /**
   * Writes the files of a sample, each under a temporary name first; last comes the one without which readers do not
   * list the sample.
   *
   * @returns The sample's id, `class/split/type/stem`.
   * @throws `ArgumentError` for names that are no plain names, for a split that the layout does not have, and for masks
   * that contradict the defect type.
   * @throws `ShapeError` when the sizes differ.
   */
  write(sample: Sample): Promise<string>;
}

/** Paths below the root and contents, in the order of writing. Throws where the layout cannot hold the sample. */
export type FilesOf<Sample> = (sample: Sample) => (readonly [path: string, bytes: Uint8Array])[];

/**
 * A writer into a new folder.
 *
 * @throws {@link DatasetError} when `root` holds something already and `overwrite` is not set.
 */
export async function createSampleWriter<Sample extends SampleToWrite>(
  root: string,
  { overwrite = false }: WriterOptions,
  filesOf: FilesOf<Sample>,
): Promise<DatasetWriter<Sample>> {
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
      checkShapes(sample);
      checkMask(sample);
      for (const [path, bytes] of filesOf(sample)) await writeAtomically(join(folder, path), bytes);
      const { className, split, defectType, stem } = sample;
      return `${className}/${split}/${defectType}/${stem}`;
    },
  };
}

/** 8-bit grey PNG, 255 where anomalous: readers of the originals compare with 0 or with 127. No mask: all 0. */
export function encodeTruth({ image, mask }: SampleToWrite): Uint8Array {
  const [height, width] = image.shape;
  const truth = new Uint8Array(height * width);
  if (mask)
    contiguous(mask).forEach((value, i) => {
      truth[i] = value === 0 ? 0 : 255;
    });
  return encodePng(ndarray(truth, [height, width]));
}

/** What is written must lie where the sample says, and be found again by the reader. */
function checkNames(sample: SampleToWrite): void {
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

function checkShapes({ image, mask }: SampleToWrite): void {
  const [height, width, channels] = image.shape;
  if (image.shape.length !== 3 || channels !== 3)
    throw new ShapeError('write: image', '[H, W, 3]', image.shape);
  if (mask && mask.shape.join() !== [height, width].join()) {
    throw new ShapeError('write: mask', `[${height}, ${width}] as the image`, mask.shape);
  }
}

/** An anomalous sample has a mask, a normal one marks nothing. */
function checkMask({ defectType, mask }: SampleToWrite): void {
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
