import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteStore } from '../encoder/feature-cache.js';
import { ArgumentError } from '../errors.js';
import { writeAtomically } from './write-atomically.js';

export interface FolderStoreOptions {
  /** Files that were not used for longest are removed when all together take more. @defaultValue 16 GiB */
  maxBytes?: number;
}

const suffix = '.features.safetensors';

/**
 * Keeps bytes in a folder, one file per key, for `FeatureCache`. Files appear whole or not at all, and files of other names
 * are left alone, so processes may share the folder. Keys are letters, digits, `-` and `_`.
 */
export function folderStore(folder: string, options: FolderStoreOptions = {}): ByteStore {
  const { maxBytes = 16 * 2 ** 30 } = options;
  if (!(maxBytes > 0)) throw new ArgumentError('folderStore', 'maxBytes above 0', maxBytes);
  let total = Number.POSITIVE_INFINITY; // an upper bound; the folder is looked through when it exceeds the limit
  return {
    async get(key) {
      const path = pathOf(folder, key);
      try {
        const bytes = await readFile(path);
        const now = new Date();
        await utimes(path, now, now); // used just now
        return bytes;
      } catch (error) {
        if (isAbsence(error)) return undefined;
        throw error;
      }
    },
    async set(key, bytes) {
      await writeAtomically(pathOf(folder, key), bytes);
      total += bytes.byteLength;
      if (total > maxBytes) total = await removeOldest(folder, maxBytes);
    },
  };
}

function pathOf(folder: string, key: string): string {
  if (!/^[\w-]{1,128}$/.test(key)) {
    throw new ArgumentError('folderStore', 'a key of up to 128 letters, digits, - and _', key);
  }
  return join(folder, key + suffix);
}

/** @returns Bytes that are left. */
async function removeOldest(folder: string, maxBytes: number): Promise<number> {
  const files: { path: string; size: number; used: number }[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(suffix) || name.startsWith('.')) continue;
    const path = join(folder, name);
    const status = await stat(path).catch((error: unknown) => {
      if (isAbsence(error)) return undefined; // another process was faster
      throw error;
    });
    if (status) files.push({ path, size: status.size, used: status.mtimeMs });
  }
  files.sort((a, b) => a.used - b.used);
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files) {
    if (total <= maxBytes) break;
    await rm(path, { force: true });
    total -= size;
  }
  return total;
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
