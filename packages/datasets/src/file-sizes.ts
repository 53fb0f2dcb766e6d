import { contiguous, type Mask } from '@anomclip/core/image';
import { DatasetError } from './dataset-error.js';

/** Rows and columns. */
export type Size = [height: number, width: number];

/** A decoded file on a grid. */
export interface SizedFile {
  readonly path: string;
  readonly size: Size;
}

/** An ndarray of any kind. */
export interface Shaped {
  readonly shape: readonly number[];
}

/** Size of an [H, W, …] array. */
export function sizeOf({ shape }: Shaped): Size {
  return [shape[0], shape[1]];
}

/** What is wrong when two files of a sample differ in size; `undefined` when they do not. */
export function differentSize(first: SizedFile, { path, size }: SizedFile): DatasetError | undefined {
  if (size[0] === first.size[0] && size[1] === first.size[1]) return undefined;
  return new DatasetError(path, `is ${size.join(' x ')} pixels, ${first.path} is ${first.size.join(' x ')}`, {
    hint: 'rows x columns must be equal within a sample; were only some of the files preprocessed?',
  });
}

/** An anomalous sample without a single anomalous pixel. */
export const emptyMaskWarning = 'the sample is anomalous, but no pixel of its mask is';

/** Whether no pixel is anomalous. */
export function isEmpty(mask: Mask): boolean {
  return !contiguous(mask).includes(1);
}
