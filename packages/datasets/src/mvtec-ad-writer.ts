import { ArgumentError } from '@anomclip/core';
import { encodePng } from '@anomclip/core/image';
import { normalType } from './sample.js';
import {
  createSampleWriter,
  type DatasetWriter,
  encodeTruth,
  type SampleToWrite,
  type WriterOptions,
} from './sample-writer.js';

/**
 * Starts a dataset in the layout of MVTec AD, which has no validation split: images as PNG, masks (0 and 255) of
 * anomalous ones in `ground_truth`.
 *
 * @throws `DatasetError` when `root` holds something already and `overwrite` is not set.
 */
export function createMvtecAdWriter(
  root: string,
  options: WriterOptions = {},
): Promise<DatasetWriter<SampleToWrite>> {
  return createSampleWriter(root, options, (sample) => {
    const { className, split, defectType, stem, image } = sample;
    if (split === 'validation') throw new ArgumentError('write: split', 'train or test', split);
    const truth = `${className}/ground_truth/${defectType}/${stem}_mask.png`;
    return [
      ...(defectType === normalType ? [] : [[truth, encodeTruth(sample)] as const]),
      [`${className}/${split}/${defectType}/${stem}.png`, encodePng(image)],
    ];
  });
}
