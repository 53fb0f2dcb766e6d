import type { Mask } from '@anomclip/core/image';
import type { FolderEntry } from './list-folder.js';
import { type Listing, type SampleName, sampleId } from './listing.js';
import { imageEndings, imageSource } from './read-parts.js';
import { normalType, type Split, splits } from './sample.js';
import { missingSource, type Source } from './source.js';

/**
 * Finds the masks of one defect type.
 *
 * @param folder - `ground_truth/<type>`, when it is there.
 * @returns Stem of the image → its mask.
 */
export type FindMasks = (
  listing: Listing,
  folder: FolderEntry | undefined,
  where: string,
) => Promise<ReadonlyMap<string, Source<Mask>>>;

/** Lists `<class>/<split>/<type>/<stem>.png` with masks in `<class>/ground_truth/<type>`. */
export async function listImageFolders(listing: Listing, findMasks: FindMasks): Promise<void> {
  for (const folder of await listing.folders({ path: listing.root })) {
    const inside = await listing.folders(folder);
    const present = splits.filter((split) => inside.some(({ name }) => name === split));
    if (present.length === 0) continue;
    listing.classes.push(folder.name);
    const truths = await listing.folder(folder, 'ground_truth');
    for (const split of present) await listSplit(listing, folder, split, truths, findMasks);
  }
}

async function listSplit(
  listing: Listing,
  classFolder: FolderEntry,
  split: Split,
  truths: FolderEntry | undefined,
  findMasks: FindMasks,
): Promise<void> {
  for (const type of await listing.folders(await listing.folder(classFolder, split))) {
    const name = { className: classFolder.name, split, defectType: type.name };
    const images = await listing.filesByStem(type, imageEndings, sampleId(name, '').slice(0, -1));
    if (type.name === normalType) {
      listImages(listing, name, images, () => undefined);
      continue;
    }
    const where = `${classFolder.name}/ground_truth/${type.name}`;
    const masks = await findMasks(listing, await listing.folder(truths, type.name), where);
    listImages(listing, name, images, (stem, image) => masks.get(stem) ?? missingMask(where, image));
    for (const stem of masks.keys()) {
      if (!images.has(stem)) listing.skip(sampleId(name, stem), ['image']);
    }
  }
}

function listImages(
  listing: Listing,
  name: SampleName,
  images: ReadonlyMap<string, string>,
  maskOf: (stem: string, image: string) => Source<Mask> | undefined,
): void {
  for (const [stem, path] of images) {
    listing.add({
      ...name,
      id: sampleId(name, stem),
      label: name.defectType === normalType ? 0 : 1,
      image: imageSource(path, listing.limits),
      mask: maskOf(stem, path),
    });
  }
}

function missingMask(where: string, image: string): Source<never> {
  return missingSource(
    image,
    `the anomalous image has no mask in ${where}`,
    'unpack the dataset again; images without defects belong into a folder called good',
  );
}
