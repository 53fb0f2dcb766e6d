import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ArgumentError, FormatError } from '../errors.js';
import type { FileSource } from '../weights/index.js';
import { openFile } from './open-file.js';

export interface OpenFolderOptions {
  /**
   * Links may lead anywhere below this folder. A snapshot of the hub's cache links to `blobs` beside `snapshots`: give the
   * folder of the repository, `models--…`. @defaultValue the folder itself
   */
  linksWithin?: string;
}

/**
 * The files of a folder and its subfolders, by their path with `/`. Links that leave the folder are left out of its names,
 * and refused when they are opened.
 *
 * @throws errors of the file system as they come, e.g. `ENOENT` when there is no such folder.
 */
export async function openFolder(path: string, options: OpenFolderOptions = {}): Promise<FileSource> {
  const { linksWithin = path } = options;
  const root = await realpath(linksWithin);
  const names: string[] = [];
  for (const name of await filesBelow(path)) if (await isWithin(root, join(path, name))) names.push(name);
  return {
    names,
    async open(name) {
      if (!names.includes(name)) {
        const some = names.slice(0, 10).join(', ');
        throw new ArgumentError(
          'openFolder',
          `a file of the folder (${some || 'it has none'})`,
          name,
          leftOut,
        );
      }
      const target = join(path, name);
      // Looked at again: the file may have become a link since.
      if (!(await isWithin(root, target)))
        throw new FormatError('folder', `${name} is a link that leaves ${root}`);
      return openFile(target);
    },
  };
}

const leftOut = 'links that leave the folder are left out, see linksWithin';

/** A folder that a link leads to is a name like a file: only real folders are entered. */
async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const prefix = join(path, sep).length;
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(prefix).split(sep).join('/'))
    .sort();
}

async function isWithin(root: string, path: string): Promise<boolean> {
  try {
    const real = await realpath(path);
    return real.startsWith(root + sep) && (await stat(real)).isFile();
  } catch {
    return false; // a link to nothing
  }
}
