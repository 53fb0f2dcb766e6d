import { resolve } from 'node:path';
import { ArgumentError } from '@anomclip/core';
import { contiguous, encodePng, type Mask } from '@anomclip/core/image';
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

/** What a written sample is called. */
export interface WrittenName {
  /** Names of one folder or file each: letters, digits, `_`, `-`, `.` and spaces. */
  readonly className: string;
  readonly split: Split;
  /** `good` for normal samples, and always outside of `test`. */
  readonly defectType: string;
  /** Usually three digits. */
  readonly stem: string;
}

/**
 * Absolute path of the folder that is to be written into.
 *
 * @throws {@link DatasetError} when it holds something already and `overwrite` is not set.
 */
export async function openTarget(root: string, { overwrite = false }: WriterOptions): Promise<string> {
  const folder = resolve(root);
  const present = (await namesIn(folder)) ?? [];
  if (present.length === 0 || overwrite) return folder;
  throw new DatasetError(folder, `is not empty, it holds ${present[0]}`, {
    hint: 'pass a new folder, or overwrite: true to write into this one',
  });
}

/** What is written must lie where the sample says, and be found again by the reader. */
export function checkNames(sample: WrittenName): void {
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

/** An anomalous sample has a mask, a normal one marks nothing. */
export function checkMask(defectType: string, mask: Mask | undefined): void {
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

/** 8-bit grey PNG, 255 where anomalous: readers of the originals compare with 0 or with 127. No mask: all 0. */
export function encodeTruth(height: number, width: number, mask: Mask | undefined): Uint8Array {
  const truth = new Uint8Array(height * width);
  if (mask)
    contiguous(mask).forEach((value, i) => {
      truth[i] = value === 0 ? 0 : 255;
    });
  return encodePng(ndarray(truth, [height, width]));
}
