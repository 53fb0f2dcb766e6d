import { basename } from 'node:path';
import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { readCloud } from '@anomclip/pointcloud/io';
import type { Dataset, OpenOptions } from './dataset.js';
import { compareByCodeUnit, endingOf, type FolderEntry, stemOf } from './list-folder.js';
import { type Layout, type Listing, type SampleName, sampleId } from './listing.js';
import { openLayout } from './open-layout.js';
import { imageEndings, imageSource, maskSource, tiffEndings, xyzSource } from './read-parts.js';
import { normalType, splits } from './sample.js';
import { fileSource } from './source.js';

/** Options of {@link openFolders}. */
export interface OpenFoldersOptions extends OpenOptions {
  /**
   * Where `normal` is not divided into `train` and `test`: how much of it is kept for the test split, in [0, 1); at least
   * one file when there are two. @defaultValue 0.2
   */
  readonly testShare?: number;
  /** Draws which files these are: the same on every machine. @defaultValue 0 */
  readonly seed?: number | string;
  /** Metres per unit of the coordinates, when known. */
  readonly unitScale?: number;
}

/** Folders of the user's own. */
export function plainFolders(options: Omit<OpenFoldersOptions, keyof OpenOptions> = {}): Layout {
  const { testShare = 0.2, seed = 0, unitScale } = options;
  return {
    name: 'folders',
    title: 'plain folders',
    tree:
      '[<class>/]normal/<file>, [<class>/]anomalous/[<type>/]<file> and, where there are masks, ' +
      '[<class>/]masks/[<type>/]<file>.png; or the same below train and test',
    async list(listing) {
      const root: FolderEntry = { name: basename(listing.root), path: listing.root, kind: 'folder' };
      const isClass = async (folder: FolderEntry) => (await partsOfClass(listing, folder)).length > 0;
      const candidates = (await isClass(root)) ? [root] : await listing.folders(root);
      for (const folder of candidates) {
        if (await isClass(folder)) await listClass(listing, folder, { testShare, seed, unitScale });
      }
    },
  };
}

/**
 * Opens pictures or scans of the user's own: `normal/`, `anomalous/` and, if there are any, `masks/`, in the folder
 * itself or once per class. Lists the files and reads none of them.
 *
 * Files of the same stem make one sample: PNG or JPEG the image, TIFF the scan on a grid, PCD, PLY, OBJ, NPY and text
 * the cloud. A cloud's labels come from its own label field. The mask of `NNN` is `NNN.png` or `NNN_mask.png`; an
 * anomalous sample may be without.
 *
 * @throws `DatasetError` as `openMvtec3d`.
 * @throws `ArgumentError` when `testShare` is not in [0, 1).
 */
export async function openFolders(root: string, options: OpenFoldersOptions = {}): Promise<Dataset> {
  const { testShare = 0.2, seed, unitScale, ...rest } = options;
  if (!(testShare >= 0 && testShare < 1)) {
    throw new ArgumentError('openFolders: testShare', 'a number in [0, 1)', testShare);
  }
  return openLayout(plainFolders({ testShare, seed, unitScale }), root, rest);
}

type Resolved = Required<Pick<OpenFoldersOptions, 'testShare' | 'seed'>> &
  Pick<OpenFoldersOptions, 'unitScale'>;

/** A folder that holds `normal` or `anomalous`, and the split that it says. */
interface ClassPart {
  readonly folder: FolderEntry;
  readonly split?: (typeof splits)[number];
}

async function partsOfClass(listing: Listing, folder: FolderEntry): Promise<ClassPart[]> {
  const parts: ClassPart[] = [];
  const holds = async (part: FolderEntry) =>
    (await listing.folder(part, 'normal')) ?? (await listing.folder(part, 'anomalous'));
  for (const split of splits) {
    const part = await listing.folder(folder, split);
    if (part && (await holds(part))) parts.push({ folder: part, split });
  }
  if (await holds(folder)) parts.push({ folder });
  return parts;
}

async function listClass(listing: Listing, folder: FolderEntry, options: Resolved): Promise<void> {
  const className = folder.name;
  listing.classes.push(className);
  const parts = await partsOfClass(listing, folder);
  for (const { folder: part, split } of parts) {
    if (split === undefined && parts.length > 1) {
      listing.fail(
        className,
        'has normal or anomalous both beside and below its splits; those beside are ignored',
      );
      continue;
    }
    const where = split === undefined ? className : `${className}/${split}`;
    const normal = await groupFiles(listing, await listing.folder(part, 'normal'), `${where}/normal`);
    const kept =
      split === undefined ? drawTestStems([...normal.keys()], className, options) : new Set<string>();
    for (const [stem, files] of normal) {
      const sampleSplit = split ?? (kept.has(stem) ? 'test' : 'train');
      addSample(listing, { className, split: sampleSplit, defectType: normalType }, stem, files, options);
    }
    await listAnomalous(listing, className, { folder: part, split }, options);
  }
}

async function listAnomalous(
  listing: Listing,
  className: string,
  { folder, split = 'test' }: ClassPart,
  options: Resolved,
): Promise<void> {
  const anomalous = await listing.folder(folder, 'anomalous');
  const masks = await listing.folder(folder, 'masks');
  const types = (await listing.folders(anomalous)).map((type) => ({ defectType: type.name, files: type }));
  for (const { defectType, files } of [{ defectType: 'anomalous', files: anomalous }, ...types]) {
    const isTop = files === anomalous;
    const where = `${className}/anomalous${isTop ? '' : `/${defectType}`}`;
    if (defectType === normalType) {
      listing.fail(where, 'a folder called good among the anomalous ones, ignored');
      continue;
    }
    const groups = await groupFiles(listing, files, where);
    const maskFolder = isTop ? masks : await listing.folder(masks, defectType);
    const byStem = await listMasks(listing, maskFolder);
    for (const [stem, group] of groups) {
      const mask = byStem.get(stem);
      if (masks && mask === undefined) listing.warn(`${where}/${stem}`, 'has no file in masks');
      addSample(listing, { className, split, defectType }, stem, { ...group, mask }, options);
    }
    for (const stem of byStem.keys()) {
      if (!groups.has(stem))
        listing.warn(`${className}/masks/${stem}`, 'belongs to no anomalous sample, ignored');
    }
  }
}

async function listMasks(listing: Listing, folder: FolderEntry | undefined): Promise<Map<string, string>> {
  const files = (await listing.entries(folder)).filter(
    ({ name, kind }) => kind === 'file' && endingOf(name) === '.png',
  );
  return new Map(files.map(({ name, path }) => [stemOf(name).replace(/_mask$/i, ''), path]));
}

/** Files of one sample. */
interface SampleFiles {
  readonly image?: string;
  readonly xyz?: string;
  readonly cloud?: string;
  readonly mask?: string;
}

const cloudEndings = ['.pcd', '.ply', '.obj', '.npy', '.npz', '.txt', '.xyz', '.csv', '.asc', '.pts'];

/** Stem → files, without the stems that lack a modality which others have. */
async function groupFiles(
  listing: Listing,
  folder: FolderEntry | undefined,
  where: string,
): Promise<Map<string, SampleFiles>> {
  const groups = new Map<string, { image?: string; xyz?: string; cloud?: string }>();
  const entries = await listing.entries(folder);
  if (folder && entries.length === 0) listing.warn(where, 'the folder is empty');
  for (const { name, path, kind } of entries) {
    if (kind === 'folder') continue;
    const part = partOf(name);
    if (part === undefined) {
      listing.warn(`${where}/${name}`, 'neither an image nor a cloud, ignored');
      continue;
    }
    const group = groups.get(stemOf(name)) ?? {};
    if (group[part] !== undefined) listing.warn(`${where}/${name}`, `second ${part} of its name, ignored`);
    else group[part] = path;
    groups.set(stemOf(name), group);
  }
  const parts = new Set(
    [...groups.values()].flatMap((group) => Object.keys(group) as (keyof typeof group)[]),
  );
  for (const [stem, group] of groups) {
    const missing = [...parts].filter((part) => group[part] === undefined);
    if (missing.length === 0) continue;
    listing.skip(`${where}/${stem}`, missing);
    groups.delete(stem);
  }
  return groups;
}

function partOf(name: string): 'image' | 'xyz' | 'cloud' | undefined {
  // Copies of the datasets' own notes lie among text clouds.
  if (/^(readme|licen[cs]e)\b/i.test(name)) return undefined;
  const ending = endingOf(name);
  if (imageEndings.includes(ending)) return 'image';
  if (tiffEndings.includes(ending)) return 'xyz';
  return cloudEndings.includes(ending) ? 'cloud' : undefined;
}

/** Which normal files are for the test split; depends on their names, the class and the seed only. */
function drawTestStems(
  stems: readonly string[],
  className: string,
  { testShare, seed }: Resolved,
): Set<string> {
  if (testShare === 0 || stems.length < 2) return new Set();
  const sorted = [...stems].sort(compareByCodeUnit);
  const count = Math.min(stems.length - 1, Math.max(1, Math.round(testShare * stems.length)));
  const chosen = createRng(seed).fork('folders', className).sample(sorted.length, count);
  return new Set(Array.from(chosen, (index) => sorted[index]));
}

function addSample(
  listing: Listing,
  name: SampleName,
  stem: string,
  { image, xyz, cloud, mask }: SampleFiles,
  { unitScale }: Resolved,
): void {
  const { limits } = listing;
  listing.add({
    ...name,
    id: sampleId(name, stem),
    label: name.defectType === normalType ? 0 : 1,
    ...(unitScale !== undefined && { unitScale }),
    ...(image !== undefined && { image: imageSource(image, limits) }),
    ...(xyz !== undefined && { organised: xyzSource(xyz, limits) }),
    ...(cloud !== undefined && {
      cloud: fileSource(cloud, (bytes) => readCloud(bytes, basename(cloud), limits).cloud, limits),
    }),
    ...(mask !== undefined && { mask: maskSource(mask, limits) }),
  });
}
