import { ArgumentError } from '@anomclip/core';
import { parseCsv } from './csv.js';
import type { Dataset, OpenOptions } from './dataset.js';
import { listImageFolders } from './image-folders.js';
import { compareByCodeUnit, type FolderEntry, stemOf } from './list-folder.js';
import { type Layout, type Listing, sampleId } from './listing.js';
import { findMvtecMasks } from './mvtec-ad.js';
import { openLayout } from './open-layout.js';
import { countedParts } from './published-counts.js';
import { imageEndings, imageSource, maskSource } from './read-parts.js';
import { normalType } from './sample.js';
import { missingSource, readAndDecode } from './source.js';

/** The split files that come with VisA. */
export type VisaSplit = '1cls' | '2cls_fewshot' | '2cls_highshot';

const visaSplits: readonly VisaSplit[] = ['1cls', '2cls_fewshot', '2cls_highshot'];

/** Options of {@link openVisa}. */
export interface OpenVisaOptions extends OpenOptions {
  /**
   * Which file of `split_csv` says what is for training: `1cls`, the one everybody uses; or one of the others, whose
   * training splits hold anomalous images too. Ignored for the converted copy. @defaultValue '1cls'
   */
  readonly split?: VisaSplit;
}

/** What the CSV calls anomaly. The converted copy's name, so that ids are the same in both. */
const anomalousType = 'bad';

/** VisA as downloaded, with the split of a CSV file, or the copy that was converted to the layout of MVTec AD. */
export function visa(split: VisaSplit = '1cls'): Layout {
  return {
    name: 'visa',
    title: 'VisA',
    tree:
      `split_csv/${split}.csv with <class>/Data/Images/{Normal,Anomaly}/NNNN.JPG and ` +
      '<class>/Data/Masks/Anomaly/NNNN.png, or <class>/{train/good,test/{good,bad},ground_truth/bad}',
    licence: 'CC BY-NC-SA 4.0: not for commercial use',
    list: (listing) => listVisa(listing, split),
  };
}

/**
 * Opens VisA. Reads the split file, and no image. Rows of the file that name an image that is not there are reported in
 * `skipped`; rows that point out of the folder are reported by `verify()` and never followed.
 *
 * @param root - The folder that holds `split_csv` and one folder per class.
 * @throws `DatasetError` as `openMvtec3d`, and when the split file is missing or no CSV.
 * @throws `ArgumentError` for a split that VisA does not have.
 */
export async function openVisa(root: string, options: OpenVisaOptions = {}): Promise<Dataset> {
  const { split = '1cls', ...rest } = options;
  if (!visaSplits.includes(split)) throw new ArgumentError('openVisa: split', visaSplits.join(', '), split);
  return openLayout(visa(split), root, rest);
}

async function listVisa(listing: Listing, split: VisaSplit): Promise<void> {
  const root = { path: listing.root };
  const splitFiles = await listing.entries(await listing.folder(root, 'split_csv'));
  const csv = splitFiles.find(({ name, kind }) => kind === 'file' && name.toLowerCase() === `${split}.csv`);
  if (csv && split !== '1cls') for (const part of countedParts) listing.incomparable.add(part);
  if (csv) await listBySplitFile(listing, csv);
  else await listImageFolders(listing, findMvtecMasks); // lists nothing in the downloaded layout
}

const columns = ['object', 'split', 'label', 'image', 'mask'] as const;

/** A row of the split file. */
type Row = Readonly<Record<(typeof columns)[number], string>>;

async function listBySplitFile(listing: Listing, csv: FolderEntry): Promise<void> {
  const rows = await readAndDecode(csv.path, (bytes) => parseCsv(new TextDecoder().decode(bytes), columns), {
    maxFileBytes: 2 ** 26,
    ...listing.limits,
  });
  const files = await findFiles(listing);
  const listed = new Set<string>();
  for (const row of rows) {
    const place = `split_csv/${csv.name} line ${row.line}`;
    const problem = problemOf(row) ?? (listed.has(row.image) ? `second row for ${row.image}` : undefined);
    if (problem !== undefined) {
      listing.fail(place, `${problem}; the row is ignored`);
      continue;
    }
    listed.add(row.image);
    if (!listing.classes.includes(row.object)) listing.classes.push(row.object);
    listRow(listing, row, files);
  }
  listing.classes.sort(compareByCodeUnit);
  reportUnlisted(listing, files, listed, csv.name);
}

function problemOf({ object, split, label, image, mask }: Row): string | undefined {
  if (split !== 'train' && split !== 'test')
    return `the split is ${JSON.stringify(split)}, not train or test`;
  if (label !== 'normal' && label !== 'anomaly') {
    return `the label is ${JSON.stringify(label)}, not normal or anomaly`;
  }
  const isBelow = (path: string) => path.startsWith(`${object}/`) && !leadsOut(path);
  if (/[\\/]/.test(object)) return `the object is ${JSON.stringify(object)}, no name of a folder`;
  if (!isBelow(image)) return `${JSON.stringify(image)} is no path below ${object}`;
  if (mask !== '' && !isBelow(mask)) return `${JSON.stringify(mask)} is no path below ${object}`;
  return undefined;
}

function listRow(listing: Listing, row: Row, files: ReadonlyMap<string, string>): void {
  const { object: className, image } = row;
  const label = row.label === 'normal' ? 0 : 1;
  const split = row.split === 'train' ? 'train' : 'test';
  const name = { className, split, defectType: label === 0 ? normalType : anomalousType } as const;
  const id = sampleId(name, stemOf(image));
  const path = files.get(image);
  if (path === undefined) {
    listing.skip(id, ['image']);
    return;
  }
  const mask = files.get(row.mask);
  const truth =
    mask === undefined
      ? missingSource(
          path,
          `the anomalous image has no mask: ${row.mask || 'the split file names none'}`,
          'unpack VisA again',
        )
      : maskSource(mask, listing.limits);
  listing.add({
    ...name,
    id,
    label,
    image: imageSource(path, listing.limits),
    ...(label === 1 && { mask: truth }),
  });
}

/** Whether a path of the split file is anything but a plain path below the root. */
function leadsOut(path: string): boolean {
  return path.includes('\\') || path.split('/').some((part) => part === '' || part === '.' || part === '..');
}

/** Path below the root, with slashes, → absolute path. Paths of the split file are only looked up here. */
async function findFiles(listing: Listing): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const classFolder of await listing.folders({ path: listing.root })) {
    const data = await listing.folder(classFolder, 'Data');
    if (!data) continue;
    for (const kind of ['Images', 'Masks']) {
      const kindFolder = await listing.folder(data, kind);
      for (const label of await listing.folders(kindFolder)) {
        for (const file of await listing.entries(label)) {
          if (file.kind !== 'file') continue;
          const below = [classFolder.name, data.name, kindFolder?.name, label.name, file.name].join('/');
          files.set(below, file.path);
        }
      }
    }
  }
  return files;
}

function reportUnlisted(
  listing: Listing,
  files: ReadonlyMap<string, string>,
  listed: ReadonlySet<string>,
  csvName: string,
): void {
  const counts = new Map<string, number>();
  for (const path of files.keys()) {
    const [className, , kind] = path.split('/');
    const isImage =
      kind.toLowerCase() === 'images' && imageEndings.some((ending) => path.toLowerCase().endsWith(ending));
    if (isImage && !listed.has(path)) counts.set(className, (counts.get(className) ?? 0) + 1);
  }
  for (const [className, count] of counts) {
    listing.warn(className, `${count} images have no row in ${csvName}: not listed`);
  }
}
