import type { Dataset, OpenOptions } from './dataset.js';
import type { Layout } from './listing.js';
import { openLayout } from './open-layout.js';
import { listScanFolders } from './scan-folders.js';

/** MVTec 3D-AD, preprocessed copies of it, and the offline benchmark. */
export const mvtec3d: Layout = {
  name: 'mvtec3d',
  title: 'MVTec 3D-AD',
  tree: '<class>/{train,validation}/good/{rgb,xyz}/NNN.{png,tiff} and <class>/test/<type>/{rgb,xyz,gt}/NNN.{png,tiff,png}',
  licence: 'CC BY-NC-SA 4.0: not for commercial use',
  list: (listing) => listScanFolders(listing),
};

/**
 * Opens a folder in the layout of MVTec 3D-AD: the dataset as downloaded, a preprocessed copy of it, or the offline
 * benchmark. Lists the files and reads none of them; see `Sample.load`.
 *
 * Defect types and image sizes are taken from the folder. Modalities are paired by stem; a stem without an rgb or xyz
 * file is not listed but reported in `skipped`. Dot files and other clutter are ignored, endings may be in upper case.
 * Links are followed only while they stay inside `root` (`root` itself may be a link).
 *
 * @param root - The folder that holds one folder per class.
 * @throws `DatasetError` when `root` does not exist or is laid out differently, when it lacks a wanted class, and for a
 * link that leads out of it.
 */
export function openMvtec3d(root: string, options: OpenOptions = {}): Promise<Dataset> {
  return openLayout(mvtec3d, root, options);
}
