import type { PointCloud } from '@anomclip/core';
import { readTxtCloud } from '@anomclip/pointcloud/io';
import type { FileLimits } from './dataset.js';
import type { FolderEntry } from './list-folder.js';
import { type CloudSource, type Listing, sampleId } from './listing.js';
import { pcdSource } from './read-parts.js';
import { normalType } from './sample.js';
import { fileSource, missingSource } from './source.js';

/** What differs between the datasets of clouds without a grid. */
export interface CloudFolderOptions {
  /** Defect type by file name without ending; `good` for normal, `undefined` for files that are no test samples. */
  typeOf(stem: string): string | undefined;
  /** Metres per unit of the coordinates. */
  readonly unitScale?: number;
  /** Applied to every cloud that is read. */
  readonly prepare?: (cloud: PointCloud) => PointCloud;
}

/**
 * Lists one class: `train/*.pcd`, `test/*.pcd`, and `gt/<stem>.txt` for the anomalous test samples. The text file holds
 * points and labels; the pcd of the same name may differ in their order and number, so it is not read.
 */
export async function listCloudFolder(
  listing: Listing,
  folder: FolderEntry,
  options: CloudFolderOptions,
): Promise<void> {
  const { typeOf, unitScale, prepare = (cloud: PointCloud) => cloud } = options;
  const { limits } = listing;
  const className = folder.name;
  const files = async (name: string, ending: string) =>
    listing.filesByStem(await listing.folder(folder, name), [ending], `${className}/${name}`);
  const prepared = (source: CloudSource): CloudSource => ({
    ...source,
    hasLabels: true,
    read: async (readOther) => prepare(await source.read(readOther)),
  });
  const common = { className, ...(unitScale !== undefined && { unitScale }) };
  listing.classes.push(className);

  for (const [stem, path] of await files('train', '.pcd')) {
    const name = { ...common, split: 'train', defectType: normalType } as const;
    listing.add({ ...name, id: sampleId(name, stem), label: 0, cloud: prepared(pcdSource(path, limits)) });
  }
  const tests = await files('test', '.pcd');
  const truths = await files('gt', '.txt');
  for (const [stem, path] of tests) {
    const defectType = typeOf(stem);
    if (defectType === undefined) continue;
    const name = { ...common, split: 'test', defectType } as const;
    const label = defectType === normalType ? 0 : 1;
    const truth = truths.get(stem);
    const source =
      label === 0
        ? pcdSource(path, limits)
        : truth === undefined
          ? missingSource(
              path,
              `the anomalous sample has no ${className}/gt/${stem}.txt`,
              'unpack the dataset again',
            )
          : labelledSource(truth, limits);
    listing.add({ ...name, id: sampleId(name, stem), label, cloud: prepared(source) });
  }
  for (const stem of truths.keys()) {
    const defectType = typeOf(stem);
    if (tests.has(stem) || defectType === undefined || defectType === normalType) continue;
    listing.skip(sampleId({ className, split: 'test', defectType }, stem), ['pcd']);
  }
}

/** x y z label, one point per line; spaces or commas. */
function labelledSource(path: string, limits: FileLimits): CloudSource {
  return fileSource(
    path,
    (bytes) => {
      const { cloud } = readTxtCloud(bytes, limits);
      if (cloud.labels) return cloud;
      if (cloud.positions.shape[0] === 0) return { ...cloud, labels: new Uint8Array() };
      throw new TypeError('its fourth column is missing or holds something else than labels');
    },
    limits,
  );
}
