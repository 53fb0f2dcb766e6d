import { createSHA1, createSHA256 } from 'hash-wasm';
import { ArgumentError } from '../errors.js';
import { blobSource } from '../weights/index.js';
import type { HubStorage } from './hub-storage.js';

/** Keeps downloads in memory, as Blobs, for as long as the storage is kept: for browsers, and for tests. */
export function memoryHubStorage(): HubStorage {
  const refs = new Map<string, string>();
  const contents = new Map<string, Blob>();
  const unfinished = new Map<string, Uint8Array<ArrayBuffer>[]>();
  const links = new Map<string, Map<string, Blob>>();
  const pathOf = (...parts: string[]): string => parts.join('\n');
  return {
    readRef: async (repository, revision) => refs.get(pathOf(repository, revision)),
    writeRef: async (repository, revision, commit) => void refs.set(pathOf(repository, revision), commit),
    async files(repository, commit) {
      const files = links.get(pathOf(repository, commit)) ?? new Map<string, Blob>();
      return {
        names: [...files.keys()].sort(),
        async open(name) {
          const blob = files.get(name);
          if (!blob) throw new ArgumentError('hub files', `one of ${[...files.keys()].join(', ')}`, name);
          return blobSource(blob);
        },
      };
    },
    contentSize: async (repository, key) => contents.get(pathOf(repository, key))?.size,
    async partial(repository, key) {
      const path = pathOf(repository, key);
      const pieces = unfinished.get(path) ?? [];
      unfinished.set(path, pieces);
      let size = pieces.reduce((sum, { length }) => sum + length, 0);
      return {
        get size() {
          return size;
        },
        async append(bytes) {
          pieces.push(new Uint8Array(bytes));
          size += bytes.length;
        },
        async *pieces() {
          yield* pieces;
        },
        async clear() {
          pieces.length = 0;
          size = 0;
        },
        async finish() {
          contents.set(path, new Blob(pieces));
          unfinished.delete(path);
        },
        close: async () => {},
      };
    },
    async link(repository, commit, name, key) {
      const files = links.get(pathOf(repository, commit)) ?? new Map<string, Blob>();
      const content = contents.get(pathOf(repository, key));
      if (content) links.set(pathOf(repository, commit), files.set(name, content));
    },
    async createHash(algorithm) {
      const hash = await (algorithm === 'sha1' ? createSHA1() : createSHA256());
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
  };
}
