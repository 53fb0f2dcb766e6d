import { resolve } from 'node:path';
import { type Dataset, openDataset, writeOfflineBenchmark } from '@anomclip/datasets';
import { type ObjectCategory, objectCategories } from '@anomclip/synth/objects';
import type { Progress } from '../../shared/progress.js';
import type { CommonOptions } from './options.js';

/** What cells call the data that a script writes itself. */
export const offlineBenchmark = 'offline benchmark';

export interface OpenDataOptions {
  readonly signal?: AbortSignal;
}

/**
 * The folder of `--data`, whatever its layout; else the offline benchmark, written to `output/` on the first run. `--small`
 * has three of its ten categories.
 *
 * @throws `DatasetError` when the folder is none of the known layouts or lacks a class.
 */
export async function openData(
  { data, classes, small }: Pick<CommonOptions, 'data' | 'classes' | 'small'>,
  progress: Progress,
  { signal }: OpenDataOptions = {},
): Promise<Dataset> {
  const folder = data ?? benchmarkFolder(small);
  if (data === undefined) {
    const categories: readonly ObjectCategory[] = small ? smallCategories : objectCategories;
    progress.line(`Offline benchmark: ${resolve(folder)}`);
    await writeOfflineBenchmark(folder, 0, {
      categories,
      existing: 'update',
      ...(signal && { signal }),
      onProgress: ({ done, total }) => progress.step(`writing scan ${done} of ${total}`),
    });
  }
  const dataset = await openDataset(folder, classes ? { classes } : {});
  progress.line(dataset.describe());
  return dataset;
}

/** Name of the data in cells: the dataset's own, or {@link offlineBenchmark}, which no paper has numbers of. */
export function datasetName({ data }: Pick<CommonOptions, 'data'>, { name }: Dataset): string {
  return data === undefined ? offlineBenchmark : name;
}

const smallCategories: readonly ObjectCategory[] = ['soap_bar', 'gasket', 'pretzel'];

/** That of the quickstart where it is the same. */
function benchmarkFolder(small: boolean): string {
  return `output/offline-benchmark${small ? '-small' : ''}`;
}
