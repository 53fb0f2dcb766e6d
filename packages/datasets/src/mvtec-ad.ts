import type { Mask } from '@anomclip/core/image';
import type { Dataset, OpenOptions } from './dataset.js';
import { type FindMasks, listImageFolders } from './image-folders.js';
import type { Layout } from './listing.js';
import { openLayout } from './open-layout.js';
import { maskSource } from './read-parts.js';
import type { Source } from './source.js';

/** MVTec AD, and the many datasets that copy its folders. */
export const mvtecAd: Layout = {
  name: 'mvtec-ad',
  title: 'MVTec AD',
  tree: '<class>/train/good/NNN.png, <class>/test/<type>/NNN.png and <class>/ground_truth/<type>/NNN_mask.png',
  licence: 'CC BY-NC-SA 4.0: not for commercial use',
  list: (listing) => listImageFolders(listing, findMvtecMasks),
};

/**
 * Opens a folder in the layout of MVTec AD. Lists the files and reads none of them. Images may be PNG or JPEG; the mask
 * of `NNN` is `NNN_mask.png`, or `NNN.png` as copies of other datasets have it.
 *
 * @param root - The folder that holds one folder per class.
 * @throws `DatasetError` as `openMvtec3d`.
 */
export function openMvtecAd(root: string, options: OpenOptions = {}): Promise<Dataset> {
  return openLayout(mvtecAd, root, options);
}

/** One mask per image, its stem with or without `_mask`. */
export const findMvtecMasks: FindMasks = async (listing, folder, where) => {
  const masks = new Map<string, Source<Mask>>();
  for (const [stem, path] of await listing.filesByStem(folder, ['.png'], where)) {
    masks.set(stem.replace(/_mask$/i, ''), maskSource(path, listing.limits));
  }
  return masks;
};
