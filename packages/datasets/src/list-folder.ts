import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, sep } from 'node:path';
import { DatasetError } from './dataset-error.js';

/** A file or folder of a dataset. */
export interface FolderEntry {
  readonly name: string;
  /** Absolute; links resolved. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/**
 * What is in a folder, sorted by code unit, without dot files and the droppings of operating systems.
 *
 * Links are followed while they stay inside `root`, so a class may be linked but a downloaded folder cannot make
 * the reader open files elsewhere.
 *
 * @param root - Absolute path, links resolved.
 * @throws {@link DatasetError} for a link that points outside `root` or nowhere.
 */
export async function listFolder(path: string, root: string): Promise<FolderEntry[]> {
  const found = await readdir(path, { withFileTypes: true });
  const entries: FolderEntry[] = [];
  for (const entry of found) {
    if (isClutter(entry.name)) continue;
    const entryPath = join(path, entry.name);
    const target = entry.isSymbolicLink() ? await resolveLink(entryPath, root) : entryPath;
    const info = entry.isSymbolicLink() ? await stat(target) : entry;
    if (info.isDirectory()) entries.push({ name: entry.name, path: target, kind: 'folder' });
    else if (info.isFile()) entries.push({ name: entry.name, path: target, kind: 'file' });
  }
  return entries.sort((a, b) => compareByCodeUnit(a.name, b.name));
}

/** Order of names that does not depend on the reader's language. */
export function compareByCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** File name without its last ending: what pairs the modalities of one sample. */
export function stemOf(name: string): string {
  return basename(name, extname(name));
}

/** The last ending of a file name in lower case, with its dot. */
export function endingOf(name: string): string {
  return extname(name).toLowerCase();
}

/** Names that no dataset means as data. */
export function isClutter(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX' || name.toLowerCase() === 'thumbs.db';
}

async function resolveLink(path: string, root: string): Promise<string> {
  let target: string;
  try {
    target = await realpath(path);
  } catch (cause) {
    throw new DatasetError(path, 'is a link that points nowhere', {
      hint: 'repair or delete the link',
      cause,
    });
  }
  if (target !== root && !target.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new DatasetError(path, `is a link to ${target}, outside of the dataset ${root}`, {
      hint: 'put the files themselves there, or open the folder that the link points into',
    });
  }
  return target;
}
