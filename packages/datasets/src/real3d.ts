import type { PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { listCloudFolder } from './cloud-folders.js';
import type { Dataset, OpenOptions } from './dataset.js';
import type { Layout } from './listing.js';
import { openLayout } from './open-layout.js';
import { normalType } from './sample.js';

/** Options of {@link openReal3d}. */
export interface OpenReal3dOptions extends OpenOptions {
  /** Subtract each cloud's mean, as the benchmarks on this dataset do. @defaultValue true */
  readonly centre?: boolean;
}

/** Real3D-AD. */
export function real3d({ centre = true }: Pick<OpenReal3dOptions, 'centre'> = {}): Layout {
  return {
    name: 'real3d',
    title: 'Real3D-AD',
    tree: '<class>/{train,test}/*.pcd and <class>/gt/*.txt',
    async list(listing) {
      for (const folder of await listing.folders({ path: listing.root })) {
        if (!(await listing.folder(folder, 'train')) && !(await listing.folder(folder, 'test'))) continue;
        const prepare = centre ? centreCloud : undefined;
        await listCloudFolder(listing, folder, { typeOf, unitScale: 0.001, prepare });
      }
    },
  };
}

/**
 * Opens Real3D-AD: clouds without colour, in millimetres. Lists the files and reads none of them. Training scans show
 * the whole object, test scans one side. Points and labels of an anomalous sample come from its text file.
 *
 * @param root - The folder that holds one folder per class.
 * @throws `DatasetError` as `openMvtec3d`.
 */
export async function openReal3d(root: string, options: OpenReal3dOptions = {}): Promise<Dataset> {
  const { centre, ...rest } = options;
  return openLayout(real3d({ centre }), root, rest);
}

/** `105_bulge` → bulge, `57_good` → good, `12_bulge_copy1` → bulge_copy. Templates are no test samples. */
function typeOf(stem: string): string | undefined {
  if (stem.includes('temp')) return undefined;
  if (stem.includes('good')) return normalType;
  const type = stem.slice(stem.indexOf('_') + 1).replace(/\d+$/, '');
  return type === '' ? 'unnamed' : type;
}

/** The cloud minus the mean of its points, which is taken in float64. */
function centreCloud(cloud: PointCloud): PointCloud {
  const points = contiguous(cloud.positions);
  const count = points.length / 3;
  const sums = [0, 0, 0];
  for (let i = 0; i < points.length; i++) sums[i % 3] += points[i];
  const positions = new Float32Array(points.length);
  for (let i = 0; i < points.length; i++) positions[i] = points[i] - sums[i % 3] / count;
  return { ...cloud, positions: ndarray(positions, [count, 3]) };
}
