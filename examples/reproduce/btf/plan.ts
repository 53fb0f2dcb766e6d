import type { Dataset } from '@anomclip/datasets';
import type { Cell } from '../driver/cell.js';
import { datasetName } from '../driver/open-data.js';
import { type DataSource, dataSource } from '../driver/source-options.js';
import type { BtfOptions } from './options.js';

export type BtfSettings = DataSource & {
  readonly trainSamples: number | null;
  readonly testSamples: number | null;
  readonly size: number;
};

export type BtfCell = Cell<BtfSettings>;

/** One cell per class and seed, which draws the training scans and decides the coreset. */
export function planCells(options: BtfOptions, dataset: Dataset): BtfCell[] {
  const { small, size, seeds = [0] } = options;
  const { trainSamples = small ? 5 : null, testSamples = small ? 8 : null } = options;
  return dataset.classes.flatMap((className) =>
    seeds.map((seed) => ({
      method: 'BTF (FPFH)',
      dataset: datasetName(options, dataset),
      classes: [className],
      seed,
      options: { ...dataSource(options), trainSamples, testSamples, size },
    })),
  );
}
