import { listCloudFolder } from './cloud-folders.js';
import type { Dataset, OpenOptions } from './dataset.js';
import type { FolderEntry } from './list-folder.js';
import type { Layout, Listing } from './listing.js';
import { openLayout } from './open-layout.js';
import { normalType } from './sample.js';

/** Anomaly-ShapeNet. */
export const anomalyShapenet: Layout = {
  name: 'anomaly-shapenet',
  title: 'Anomaly-ShapeNet',
  tree: 'pcd/<class>/{train,test}/*.pcd and pcd/<class>/GT/*.txt, or the same without pcd/',
  licence: 'CC BY 4.0',
  async list(listing) {
    const root = { path: listing.root };
    const base = (await listing.folder(root, 'pcd')) ?? root;
    // A later release adds classes in a folder called `new`.
    const more = [await listing.folder(root, 'new'), await listing.folder(base, 'new')];
    for (const parent of new Set([base.path, ...more.flatMap((folder) => folder?.path ?? [])])) {
      for (const folder of await listing.folders({ path: parent })) await listClass(listing, folder);
    }
    listing.classes.sort();
  },
};

/**
 * Opens Anomaly-ShapeNet: clouds of roughly unit size, without a physical unit, so `unitScale` is absent. Lists the
 * files and reads none of them. In its file names `positive` means normal.
 *
 * @param root - The folder that holds `pcd`, or that folder itself.
 * @throws `DatasetError` as `openMvtec3d`.
 */
export function openAnomalyShapenet(root: string, options: OpenOptions = {}): Promise<Dataset> {
  return openLayout(anomalyShapenet, root, options);
}

async function listClass(listing: Listing, folder: FolderEntry): Promise<void> {
  if (!(await listing.folder(folder, 'train')) && !(await listing.folder(folder, 'test'))) return;
  if (listing.classes.includes(folder.name)) {
    listing.warn(folder.name, `second folder of this class, ignored: ${folder.path}`);
    return;
  }
  await listCloudFolder(listing, folder, { typeOf: (stem) => typeOf(folder.name, stem) });
}

/** `bowl0_bulge12` → bulge, `bowl0_positive3` → good. */
function typeOf(className: string, stem: string): string | undefined {
  if (stem.includes('template')) return undefined;
  const rest = stem.startsWith(`${className}_`)
    ? stem.slice(className.length + 1)
    : stem.slice(stem.indexOf('_') + 1);
  const type = rest.replace(/\d+$/, '');
  return type === 'positive' || type === normalType ? normalType : type === '' ? 'unnamed' : type;
}
