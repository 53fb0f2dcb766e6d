import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DatasetError } from './dataset-error.js';
import { listFolder } from './list-folder.js';
import {
  listMvtec3d,
  type Mvtec3dListing,
  mvtec3dLayout,
  normalType,
  type SampleFiles,
} from './mvtec3d-layout.js';
import { loadMvtec3dSample } from './mvtec3d-sample.js';
import { countSamples, isPublishedClass, verifyMvtec3d } from './mvtec3d-verify.js';
import { type Dataset, type Sample, type SampleData, type SampleFilter, splits } from './sample.js';

/** Options of {@link openMvtec3d}. */
export interface OpenMvtec3dOptions {
  /** Only these classes, as the folders spell them. @defaultValue all that are there */
  classes?: readonly string[];
  /**
   * Keep what `load()` returned, so that a second `load()` of the same sample is free. The arrays are then shared:
   * leave them unchanged. Needs about 15 bytes per pixel and sample (10 MB for 800 x 800). @defaultValue false
   */
  keepLoaded?: boolean;
}

/**
 * Opens a folder in the layout of MVTec 3D-AD: the dataset as downloaded, a preprocessed copy of it, or the offline
 * benchmark. Lists the files and reads none of them; see {@link Sample.load}.
 *
 * Defect types and image sizes are taken from the folder. Modalities are paired by stem; a stem without an rgb or xyz
 * file is not listed but reported in `skipped`. Dot files and other clutter are ignored, endings may be in upper case.
 * Links are followed only while they stay inside `root` (`root` itself may be a link).
 *
 * @param root - The folder that holds one folder per class.
 * @throws {@link DatasetError} when `root` does not exist or is laid out differently, when it lacks a wanted class, and
 * for a link that leads out of it.
 */
export async function openMvtec3d(root: string, options: OpenMvtec3dOptions = {}): Promise<Dataset> {
  const { classes: wanted, keepLoaded = false } = options;
  const folder = await findRoot(root);
  const all = await listMvtec3d(folder);
  if (all.samples.length + all.skipped.length === 0) throw await wrongLayout(folder, all);
  for (const className of wanted ?? []) assertClass(folder, all.classes, className);
  const listing = wanted === undefined ? all : onlyClasses(all, new Set(wanted));
  const samples = listing.samples.map((files) => createSample(files, keepLoaded));

  return {
    name: 'mvtec3d',
    root: folder,
    classes: listing.classes,
    skipped: listing.skipped,
    samples(filter = {}) {
      if (filter.className !== undefined) assertClass(folder, listing.classes, filter.className);
      return samples.filter((sample) => matches(sample, filter));
    },
    describe: () => describe(folder, listing),
    verify: (verifyOptions) => verifyMvtec3d(listing, verifyOptions),
  };
}

function createSample(files: SampleFiles, keepLoaded: boolean): Sample {
  const { id, className, split, defectType } = files;
  let kept: Promise<SampleData> | undefined;
  function load(): Promise<SampleData> {
    if (!keepLoaded) return loadMvtec3dSample(files);
    kept ??= loadMvtec3dSample(files);
    return kept;
  }
  const label = defectType === normalType ? 0 : 1;
  return { id, dataset: 'mvtec3d', className, split, defectType, label, unitScale: 1, load };
}

function matches(sample: Sample, { className, split, defectType, label }: SampleFilter): boolean {
  return (
    (className === undefined || sample.className === className) &&
    (split === undefined || sample.split === split) &&
    (defectType === undefined || sample.defectType === defectType) &&
    (label === undefined || sample.label === label)
  );
}

function onlyClasses(listing: Mvtec3dListing, wanted: ReadonlySet<string>): Mvtec3dListing {
  const isWanted = ({ id }: { readonly id: string }) => wanted.has(classOf(id));
  return {
    classes: listing.classes.filter((className) => wanted.has(className)),
    samples: listing.samples.filter(isWanted),
    skipped: listing.skipped.filter(isWanted),
    problems: listing.problems.filter(({ where }) => wanted.has(classOf(where))),
  };
}

function classOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

function describe(root: string, listing: Mvtec3dListing): string {
  const { samples, skipped, classes } = listing;
  const rows = countSamples(listing).map(
    ({ className, train, validation, testNormal, testAnomalous }) =>
      `  ${className}: ${train} train, ${validation} validation, ${testNormal} normal and ${testAnomalous} anomalous test`,
  );
  return [
    `MVTec 3D-AD layout at ${root}: ${samples.length} samples of ${classes.length} classes`,
    ...rows,
    ...(skipped.length > 0
      ? [`  ${skipped.length} samples skipped, a modality is missing: see skipped`]
      : []),
    classes.some(isPublishedClass)
      ? 'MVTec 3D-AD is licensed CC BY-NC-SA 4.0: not for commercial use.'
      : 'None of the classes is from MVTec 3D-AD: for the licence ask the source of the data.',
  ].join('\n');
}

function assertClass(root: string, classes: readonly string[], className: string): void {
  if (classes.includes(className)) return;
  throw new DatasetError(root, `has no class ${JSON.stringify(className)}`, {
    hint: `it has ${classes.join(', ')}`,
  });
}

async function findRoot(root: string): Promise<string> {
  const path = resolve(root);
  let found: string;
  try {
    found = await realpath(path);
  } catch (cause) {
    throw new DatasetError(path, 'no such folder', { hint: `looked for ${mvtec3dLayout} in it`, cause });
  }
  if ((await stat(found)).isDirectory()) return found;
  throw new DatasetError(found, 'is a file', {
    hint: 'unpack the archive and pass the folder that holds the classes',
  });
}

/** Says what is there instead, and recognises the neighbouring folders that are passed by mistake. */
async function wrongLayout(root: string, { classes }: Mvtec3dListing): Promise<DatasetError> {
  const inRoot = await listFolder(root, root);
  const problem = `not in the layout of MVTec 3D-AD: looked for ${mvtec3dLayout}, found ${names(inRoot)}`;
  if (splits.some((split) => inRoot.some(({ name }) => name === split))) {
    return new DatasetError(root, problem, {
      hint: `this is the folder of one class, pass its parent ${dirname(root)}`,
    });
  }
  for (const { kind, path } of inRoot) {
    if (kind === 'folder' && classes.length === 0 && (await holdsSamples(path))) {
      return new DatasetError(root, problem, { hint: `the classes are one level deeper, pass ${path}` });
    }
  }
  const hint =
    classes.length > 0
      ? 'its classes hold no scans; MVTec AD without "3D" is a different dataset'
      : 'pass the folder that holds bagel, cable_gland and the other classes';
  return new DatasetError(root, problem, { hint });
}

async function holdsSamples(path: string): Promise<boolean> {
  try {
    return (await listMvtec3d(path)).samples.length > 0;
  } catch {
    return false; // whatever it is, it is not what was looked for
  }
}

function names(entries: readonly { readonly name: string }[]): string {
  if (entries.length === 0) return 'an empty folder';
  const shown = entries.slice(0, 8).map(({ name }) => name);
  return `${shown.join(', ')}${entries.length > shown.length ? ` and ${entries.length - shown.length} more` : ''}`;
}
