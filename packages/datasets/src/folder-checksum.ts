import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * SHA-256, in hex, of the names and contents of all files at least one folder deep, as
 * `find . -mindepth 2 -type f | LC_ALL=C sort | xargs sha256sum | sha256sum` prints it there.
 */
export async function folderChecksum(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.parentPath !== folder)
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/'))
    .sort();
  const all = createHash('sha256');
  for (const path of paths) {
    const hash = createHash('sha256').update(await readFile(join(folder, path)));
    all.update(`${hash.digest('hex')}  ./${path}\n`);
  }
  return all.digest('hex');
}
