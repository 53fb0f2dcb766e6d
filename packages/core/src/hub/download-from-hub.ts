import { ArgumentError, DownloadError } from '../errors.js';
import type { LongWorkOptions } from '../long-work.js';
import type { FileSource } from '../weights/index.js';
import { downloadContent } from './download-content.js';
import { HubClient } from './hub-client.js';
import { assertFileName, assertRepository, assertRevision } from './hub-names.js';
import type { HubStorage } from './hub-storage.js';
import { listRepository, type RepositoryListing } from './list-repository.js';
import { matchesPattern } from './matches-pattern.js';
import { describeRemoteFile } from './remote-file.js';

export interface DownloadFromHubOptions extends LongWorkOptions {
  /** A branch, a tag or a commit. @defaultValue `main` */
  revision?: string;
  /**
   * Which files: patterns in which `*` stands for anything, or a function that chooses among the names, such as
   * {@link clipFiles}. @defaultValue all
   */
  files?: readonly string[] | ((names: readonly string[]) => readonly string[]);
  /** Asks nobody: answers from the storage, or throws. @defaultValue false */
  offline?: boolean;
  /** Where the hub is. @defaultValue `https://huggingface.co` */
  endpoint?: string;
  /** For private and gated repositories. It is sent to the endpoint and nowhere else. */
  token?: string;
  /** @defaultValue `globalThis.fetch` */
  fetch?: typeof globalThis.fetch;
  /** How often a request is repeated in vain before giving up. @defaultValue 5 */
  retries?: number;
  /** How long a connection may be silent before it counts as broken. @defaultValue 60 000 */
  stallMilliseconds?: number;
  /** Waits between attempts: 1 s, 2 s, 4 s, …, at most 60 s, or as long as the server asks. @defaultValue a timer */
  sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Larger files are refused. @defaultValue 64 GiB */
  maxFileBytes?: number;
}

/** Files of a repository at one commit. */
export interface HubSnapshot extends FileSource {
  readonly commit: string;
  /** Where the files lie, when the storage is a folder. */
  readonly folder?: string;
}

/**
 * Downloads files of a model repository (the HTTP interface of the Hugging Face hub) unless they are there already. Every
 * file is checked against the length and the checksum that the hub states, and only then appears under its name;
 * interrupted downloads go on where they stopped. Progress is reported per file, in bytes.
 *
 * @param repository - `owner/name`
 * @param storage - Where files are kept: `hubCache()` of `@anomclip/core/node`, or {@link memoryHubStorage}.
 * @throws {@link DownloadError} when something is missing, refused or damaged, the server cannot be reached, or, offline,
 *   the files are not in the storage; {@link ArgumentError} for names that cannot be.
 */
export async function downloadFromHub(
  repository: string,
  storage: HubStorage,
  options: DownloadFromHubOptions = {},
): Promise<HubSnapshot> {
  const { revision = 'main', files = ['*'], offline = false } = options;
  assertRepository(repository);
  assertRevision(revision);
  if (offline) return openCached(repository, revision, storage, files);
  const client = createClient(options);
  const listing = await listRepository(client, repository, revision);
  const wanted = choose(repository, [...listing.files.keys()], files);
  const { commit } = listing;
  const present = new Set((await storage.files(repository, commit)).names);
  for (const name of wanted) {
    options.signal?.throwIfAborted();
    if (!present.has(name)) await download(client, repository, storage, listing, name, options);
  }
  // Last, so that offline a revision never leads to a commit of which something is missing.
  if (revision !== commit) await storage.writeRef(repository, revision, commit);
  return snapshotOf(repository, commit, storage, wanted);
}

function createClient(options: DownloadFromHubOptions): HubClient {
  const { endpoint = 'https://huggingface.co', token, signal } = options;
  const { retries = 5, stallMilliseconds = 60_000, sleep = sleepTimer } = options;
  if (!/^https?:\/\/[^/]/.test(endpoint))
    throw new ArgumentError('downloadFromHub', 'an http(s) endpoint', endpoint);
  // Looked up here, not when the module loads: an application may replace it.
  const { fetch = globalThis.fetch } = options;
  return new HubClient({ endpoint, fetch, token, retries, stallMilliseconds, sleep, signal });
}

async function download(
  client: HubClient,
  repository: string,
  storage: HubStorage,
  { commit, files }: RepositoryListing,
  name: string,
  { maxFileBytes = 64 * 2 ** 30, onProgress }: DownloadFromHubOptions,
): Promise<void> {
  const file = await describeRemoteFile(client, { repository, commit, name }, files.get(name) ?? {});
  const stored = await storage.contentSize(repository, file.key);
  if (stored === undefined || (file.size !== undefined && stored !== file.size)) {
    const onBytes = (done: number): void =>
      onProgress?.({ stage: `download ${name}`, done, total: file.size });
    await downloadContent(client, storage, repository, file, { maxBytes: maxFileBytes, onBytes });
  }
  await storage.link(repository, commit, name, file.key);
}

/** What is there. Whether the repository has more that would be wanted, nobody can say offline. */
async function openCached(
  repository: string,
  revision: string,
  storage: HubStorage,
  files: NonNullable<DownloadFromHubOptions['files']>,
): Promise<HubSnapshot> {
  const commit = (await storage.readRef(repository, revision)) ?? revision;
  const { names } = await storage.files(repository, commit);
  if (names.length === 0) {
    const hint = 'run it once with offline: false, or choose the storage that has it';
    throw new DownloadError(
      `${repository} at ${revision}`,
      'it is not in the storage, and offline is true',
      hint,
    );
  }
  return snapshotOf(repository, commit, storage, choose(repository, names, files));
}

async function snapshotOf(
  repository: string,
  commit: string,
  storage: HubStorage,
  names: readonly string[],
): Promise<HubSnapshot> {
  const { open } = await storage.files(repository, commit);
  return { commit, names, open, folder: storage.folder?.(repository, commit) };
}

function choose(
  repository: string,
  names: readonly string[],
  files: NonNullable<DownloadFromHubOptions['files']>,
): readonly string[] {
  if (typeof files === 'function') {
    const chosen = files(names);
    for (const name of chosen) assertFileName(repository, name);
    return chosen;
  }
  for (const pattern of files) {
    if (!names.some((name) => matchesPattern(name, pattern))) {
      const there = names.slice(0, 20).join(', ');
      throw new DownloadError(
        repository,
        `no file fits ${JSON.stringify(pattern)}`,
        `there are ${there || 'none'}`,
      );
    }
  }
  return names.filter((name) => files.some((pattern) => matchesPattern(name, pattern)));
}

function sleepTimer(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
