import { createHash } from 'node:crypto';
import {
  constants,
  copyFile,
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { HubStorage, PartialContent } from '../hub/hub-storage.js';
import type { FileSource } from '../weights/index.js';
import { openFolder } from './open-folder.js';
import { writeAtomically } from './write-atomically.js';

/**
 * Keeps downloads on disk in the layout of Python's `huggingface_hub`, so that both find what the other downloaded:
 * `models--owner--name/{refs,blobs,snapshots}`, unfinished contents as `blobs/….incomplete`.
 *
 * @param folder - @defaultValue `.cache/huggingface/hub` in the home folder, as Python's
 */
export function hubCache(folder: string = join(homedir(), '.cache/huggingface/hub')): HubStorage {
  const of = (repository: string, ...path: string[]): string =>
    join(folder, `models--${repository.replaceAll('/', '--')}`, ...path);
  return {
    async readRef(repository, revision) {
      const text = await unlessMissing(readFile(of(repository, 'refs', revision), 'utf8'));
      const commit = text?.trim() ?? '';
      return /^[0-9a-f]{7,64}$/.test(commit) ? commit : undefined;
    },
    writeRef: (repository, revision, commit) => writeAtomically(of(repository, 'refs', revision), commit),
    async files(repository, commit) {
      const snapshot = of(repository, 'snapshots', commit);
      return (await unlessMissing(openFolder(snapshot, { linksWithin: of(repository) }))) ?? noFiles;
    },
    folder: (repository, commit) => of(repository, 'snapshots', commit),
    contentSize: async (repository, key) => (await unlessMissing(stat(of(repository, 'blobs', key))))?.size,
    async partial(repository, key) {
      await mkdir(of(repository, 'blobs'), { recursive: true });
      return openPartial(of(repository, 'blobs', key));
    },
    async link(repository, commit, name, key) {
      const path = of(repository, 'snapshots', commit, name);
      await mkdir(dirname(path), { recursive: true });
      await rm(path, { force: true });
      await linkOrCopy(of(repository, 'blobs', key), path);
    },
    async createHash(algorithm) {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
  };
}

const noFiles: FileSource = {
  names: [],
  open: async (name) => {
    throw new Error(`there is no ${name}`);
  },
};

async function openPartial(path: string): Promise<PartialContent> {
  const unfinished = `${path}.incomplete`;
  const handle = await open(unfinished, constants.O_RDWR | constants.O_CREAT);
  let { size } = await handle.stat();
  return {
    get size() {
      return size;
    },
    async append(bytes) {
      // At its place, not at the end: two processes that download the same write the same.
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, size + done);
        done += bytesWritten;
      }
      size += bytes.length;
    },
    pieces: () => piecesOf(handle),
    async clear() {
      await handle.truncate(0);
      size = 0;
    },
    async finish() {
      await handle.sync();
      try {
        await rename(unfinished, path);
      } catch (error) {
        await stat(path).catch(() => Promise.reject(error)); // another process has finished it
      }
    },
    async close() {
      await handle.close();
      if (size === 0) await rm(unfinished, { force: true });
    },
  };
}

async function* piecesOf(handle: FileHandle): AsyncIterable<Uint8Array> {
  const piece = new Uint8Array(2 ** 22);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

/** Windows lets only some users make links. */
async function linkOrCopy(target: string, path: string): Promise<void> {
  try {
    await symlink(relative(dirname(path), target), path);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) throw error;
    await copyFile(target, path);
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
