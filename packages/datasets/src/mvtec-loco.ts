import { decodeMask, type Mask } from '@anomclip/core/image';
import type { Dataset, FileLimits, OpenOptions } from './dataset.js';
import { type FindMasks, listImageFolders } from './image-folders.js';
import type { Layout } from './listing.js';
import { openLayout } from './open-layout.js';
import { uniteMasks } from './read-parts.js';
import { nameErrors, readAndDecode, type Source } from './source.js';

/** MVTec LOCO AD: structural anomalies, and logical ones, where each part is sound and the whole is wrong. */
export const mvtecLoco: Layout = {
  name: 'mvtec-loco',
  title: 'MVTec LOCO',
  tree:
    '<class>/{train,validation}/good/NNN.png, <class>/test/{good,logical_anomalies,structural_anomalies}/NNN.png and ' +
    '<class>/ground_truth/{logical_anomalies,structural_anomalies}/NNN/MMM.png',
  licence: 'CC BY-NC-SA 4.0: not for commercial use',
  list: (listing) => listImageFolders(listing, findLocoMasks),
};

/**
 * Opens a folder in the layout of MVTec LOCO. Lists the files and reads none of them. An image has several masks, one
 * per defect; `mask` is 1 where any of them is.
 *
 * @param root - The folder that holds one folder per class.
 * @throws `DatasetError` as `openMvtec3d`.
 */
export function openMvtecLoco(root: string, options: OpenOptions = {}): Promise<Dataset> {
  return openLayout(mvtecLoco, root, options);
}

/** A folder of masks per image. */
const findLocoMasks: FindMasks = async (listing, folder, where) => {
  const masks = new Map<string, Source<Mask>>();
  for (const ofImage of await listing.folders(folder)) {
    const files = await listing.filesByStem(ofImage, ['.png'], `${where}/${ofImage.name}`);
    if (files.size > 0)
      masks.set(ofImage.name, unionSource(ofImage.path, [...files.values()], listing.limits));
  }
  return masks;
};

function unionSource(folder: string, files: readonly string[], limits: FileLimits): Source<Mask> {
  return {
    path: folder,
    async read() {
      const masks: Mask[] = [];
      for (const file of files) {
        masks.push(await readAndDecode(file, (bytes) => decodeMask(bytes, limits), limits));
      }
      return nameErrors(folder, async () => uniteMasks(masks));
    },
  };
}
