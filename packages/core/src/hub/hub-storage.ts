import type { FileSource } from '../weights/index.js';

/**
 * Where downloads are kept: on disk in Node (`hubCache` of `@anomclip/core/node`), in memory elsewhere
 * ({@link memoryHubStorage}), or wherever an application likes. Contents are kept once per `key`, the hub's ETag, however many
 * revisions share them. Names, keys and revisions were checked: none leaves a folder.
 */
export interface HubStorage {
  /** The commit that a branch or tag led to when it was last downloaded. */
  readRef(repository: string, revision: string): Promise<string | undefined>;
  writeRef(repository: string, revision: string, commit: string): Promise<void>;
  /** The files of a commit that are here, completely. */
  files(repository: string, commit: string): Promise<FileSource>;
  /** The folder of these files, where there is one. */
  folder?(repository: string, commit: string): string;
  /** Bytes of a finished content; undefined when it is not here. */
  contentSize(repository: string, key: string): Promise<number | undefined>;
  /** Starts a content, or goes on with one that was interrupted. */
  partial(repository: string, key: string): Promise<PartialContent>;
  /** Makes a finished content a file of a commit. */
  link(repository: string, commit: string, name: string, key: string): Promise<void>;
  /** The platform's hash function, for streams. */
  createHash(algorithm: 'sha1' | 'sha256'): Promise<StreamHash>;
}

/** A content that is still being downloaded. */
export interface PartialContent {
  /** Bytes that are here. */
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Everything from the start, in pieces. */
  pieces(): AsyncIterable<Uint8Array>;
  /** Throws everything away, to start again. */
  clear(): Promise<void>;
  /** Turns it into a finished content. */
  finish(): Promise<void>;
  /** Lets go of it; what is not finished stays for the next time. */
  close(): Promise<void>;
}

export interface StreamHash {
  update(bytes: Uint8Array): void;
  /** Hexadecimal, lower case. */
  digest(): string;
}
