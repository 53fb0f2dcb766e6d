import { endingOf, type FolderEntry } from './list-folder.js';
import { Listing } from './listing.js';
import { isPublishedClass, type LayoutName } from './published-counts.js';
import { imageEndings } from './read-parts.js';
import { splits } from './sample.js';

const openers: Readonly<Record<LayoutName, string>> = {
  mvtec3d: 'openMvtec3d',
  eyecandies: 'openEyecandies',
  real3d: 'openReal3d',
  'anomaly-shapenet': 'openAnomalyShapenet',
  'mvtec-ad': 'openMvtecAd',
  'mvtec-loco': 'openMvtecLoco',
  visa: 'openVisa',
  folders: 'openFolders',
};

/** The function that opens a layout. */
export function openerOf(layout: LayoutName): string {
  return openers[layout];
}

/** Classes that are looked at: more would not say more. */
const classesToTry = 8;

/**
 * Tells layouts apart by a few folder names, and by the published class names where two layouts are the same.
 *
 * @param root - Absolute path, links resolved.
 * @returns `undefined` for a folder that looks like none of them.
 */
export async function recogniseLayout(root: string): Promise<LayoutName | undefined> {
  const listing = new Listing(root);
  const folder: FolderEntry = { name: '', path: root, kind: 'folder' };
  if (await listing.folder(folder, 'split_csv')) return 'visa';
  if (await isPlain(folder, listing)) return 'folders';
  const pcd = await listing.folder(folder, 'pcd');
  for (const child of (await listing.folders(pcd ?? folder)).slice(0, classesToTry)) {
    const found = await recogniseClass(child, listing);
    if (found) return found;
  }
  return undefined;
}

async function recogniseClass(folder: FolderEntry, listing: Listing): Promise<LayoutName | undefined> {
  if (await listing.folder(await listing.folder(folder, 'Data'), 'Images')) return 'visa';
  if (await isPlain(folder, listing)) return 'folders';
  const inSplits: FolderEntry[] = [];
  for (const split of splits) inSplits.push(...(await listing.entries(await listing.folder(folder, split))));
  if (inSplits.some(({ name, kind }) => kind === 'folder' && name === 'data')) return 'eyecandies';
  if (inSplits.some(({ name, kind }) => kind === 'file' && endingOf(name) === '.pcd')) {
    return recogniseClouds(folder.name, inSplits);
  }
  const types = inSplits.filter(({ kind }) => kind === 'folder');
  if (types.some(({ name }) => name === 'logical_anomalies' || name === 'structural_anomalies')) {
    return 'mvtec-loco';
  }
  for (const type of types) {
    const inside = await listing.entries(type);
    if (inside.some(({ name, kind }) => kind === 'folder' && (name === 'rgb' || name === 'xyz'))) {
      return isPublishedClass('eyecandies', folder.name) ? 'eyecandies' : 'mvtec3d';
    }
    if (inside.some(({ name, kind }) => kind === 'file' && imageEndings.includes(endingOf(name)))) {
      return isPublishedClass('visa', folder.name) ? 'visa' : 'mvtec-ad';
    }
  }
  return undefined;
}

/** Real3D-AD numbers its test scans, Anomaly-ShapeNet begins their names with the class. */
function recogniseClouds(className: string, files: readonly FolderEntry[]): LayoutName {
  if (isPublishedClass('real3d', className)) return 'real3d';
  return files.some(({ name }) => /_positive\d*\./.test(name) || name.startsWith(`${className}_`))
    ? 'anomaly-shapenet'
    : 'real3d';
}

async function isPlain(folder: FolderEntry, listing: Listing): Promise<boolean> {
  if (await listing.folder(folder, 'normal')) return true;
  for (const split of splits) {
    if (await listing.folder(await listing.folder(folder, split), 'normal')) return true;
  }
  return false;
}
