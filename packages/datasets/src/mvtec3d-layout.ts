import { extname } from 'node:path';
import { compareByCodeUnit, type FolderEntry, listFolder, stemOf } from './list-folder.js';
import { type DatasetProblem, type SkippedSample, type Split, splits } from './sample.js';

/** Folder name of normal samples; every other type is a defect. */
export const normalType = 'good';

/** What MVTec 3D-AD looks like on disk, for messages. */
export const mvtec3dLayout =
  '<class>/{train,validation}/good/{rgb,xyz}/NNN.{png,tiff} and <class>/test/<type>/{rgb,xyz,gt}/NNN.{png,tiff,png}';

/** The files of one sample, not yet read. */
export interface SampleFiles {
  readonly id: string;
  readonly className: string;
  readonly split: Split;
  readonly defectType: string;
  readonly rgb: string;
  readonly xyz: string;
  /** Absent for training and validation samples, and where the file does not exist. */
  readonly gt?: string;
  /** `calibration/camera_parameters.json` of the class, where it exists. */
  readonly camera?: string;
}

/** All files of the dataset, in sample order. */
export interface Mvtec3dListing {
  readonly classes: readonly string[];
  readonly samples: readonly SampleFiles[];
  readonly skipped: readonly SkippedSample[];
  /** What the listing alone shows to be odd. */
  readonly problems: readonly DatasetProblem[];
}

/** Lists every file of the dataset and reads none. Folders without a split inside are not classes and are passed over. */
export async function listMvtec3d(root: string): Promise<Mvtec3dListing> {
  const listing = { classes: [] as string[], samples: [], skipped: [], problems: [] };
  for (const folder of folders(await listFolder(root, root))) {
    const inside = await listFolder(folder.path, root);
    if (!folders(inside).some(({ name }) => isSplit(name))) continue;
    listing.classes.push(folder.name);
    await listClass(folder.name, inside, root, listing);
  }
  return listing;
}

type GrowingListing = {
  samples: SampleFiles[];
  skipped: SkippedSample[];
  problems: DatasetProblem[];
};

async function listClass(
  className: string,
  inside: readonly FolderEntry[],
  root: string,
  listing: GrowingListing,
): Promise<void> {
  const calibration = folders(inside).find(({ name }) => name === 'calibration');
  const calibrationFiles = calibration ? await listFolder(calibration.path, root) : [];
  const camera = calibrationFiles.find(({ name }) => name === 'camera_parameters.json')?.path;
  for (const split of splits) {
    const splitFolder = folders(inside).find(({ name }) => name === split);
    if (!splitFolder) continue;
    const types = folders(await listFolder(splitFolder.path, root));
    for (const type of types.sort((a, b) => compareTypes(a.name, b.name))) {
      await listType({ className, split, defectType: type.name, camera }, type, root, listing);
    }
  }
}

async function listType(
  common: Pick<SampleFiles, 'className' | 'split' | 'defectType' | 'camera'>,
  type: FolderEntry,
  root: string,
  listing: GrowingListing,
): Promise<void> {
  const { className, split, defectType } = common;
  const prefix = `${className}/${split}/${defectType}`;
  const modalities = folders(await listFolder(type.path, root));
  async function files(modality: string, endings: readonly string[]): Promise<Map<string, string>> {
    const folder = modalities.find(({ name }) => name === modality);
    const byStem = new Map<string, string>();
    for (const file of folder ? await listFolder(folder.path, root) : []) {
      const stem = stemOf(file.name);
      const where = `${prefix}/${modality}/${file.name}`;
      if (file.kind !== 'file' || !endings.includes(extname(file.name).toLowerCase())) {
        listing.problems.push({
          severity: 'warning',
          where,
          message: `not a ${endings.join(' or ')} file, ignored`,
        });
      } else if (byStem.has(stem)) {
        listing.problems.push({ severity: 'warning', where, message: `second file for ${stem}, ignored` });
      } else {
        byStem.set(stem, file.path);
      }
    }
    return byStem;
  }
  const rgb = await files('rgb', ['.png']);
  const xyz = await files('xyz', ['.tiff', '.tif']);
  // Some copies have masks of zeros in `train` and `validation`; they say nothing.
  const gt = split === 'test' ? await files('gt', ['.png']) : new Map<string, string>();

  const stems = new Set([...rgb.keys(), ...xyz.keys(), ...gt.keys()]);
  for (const stem of [...stems].sort(compareByCodeUnit)) {
    const id = `${prefix}/${stem}`;
    const [rgbFile, xyzFile] = [rgb.get(stem), xyz.get(stem)];
    if (rgbFile !== undefined && xyzFile !== undefined) {
      listing.samples.push({ ...common, id, rgb: rgbFile, xyz: xyzFile, gt: gt.get(stem) });
    } else {
      const missing = [...(rgbFile === undefined ? ['rgb'] : []), ...(xyzFile === undefined ? ['xyz'] : [])];
      listing.skipped.push({ id, missing });
    }
  }
}

function folders(entries: readonly FolderEntry[]): FolderEntry[] {
  return entries.filter(({ kind }) => kind === 'folder');
}

function isSplit(name: string): boolean {
  return splits.some((split) => split === name);
}

function compareTypes(a: string, b: string): number {
  return Number(b === normalType) - Number(a === normalType) || compareByCodeUnit(a, b);
}
