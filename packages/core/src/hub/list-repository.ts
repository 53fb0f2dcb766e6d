import { DownloadError } from '../errors.js';
import { type HubClient, type HubResponse, PassingFailure } from './hub-client.js';
import { assertFileName } from './hub-names.js';

/** A repository at one commit. */
export interface RepositoryListing {
  readonly commit: string;
  readonly files: ReadonlyMap<string, ListedFile>;
}

/** What the hub says about a file; anything may be missing. */
export interface ListedFile {
  readonly size?: number;
  /** Of files in large-file storage; their ETag too. */
  readonly sha256?: string;
  /** Git's name of the content, of all other files; their ETag too. */
  readonly gitSha1?: string;
}

/**
 * Asks which files a repository has at a revision.
 *
 * @throws {@link DownloadError} when there is no such repository, access is refused, or the answer makes no sense.
 */
export async function listRepository(
  client: HubClient,
  repository: string,
  revision: string,
): Promise<RepositoryListing> {
  const url = client.url(`/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`);
  const where = `${repository} at ${revision}`;
  const json = await client.retry(where, async () =>
    readJson(where, await client.request(where, url, {}, [200])),
  );
  const { sha, siblings } = json as { sha?: unknown; siblings?: unknown };
  if (typeof sha !== 'string' || !/^[0-9a-f]{7,64}$/.test(sha) || !Array.isArray(siblings)) {
    throw new DownloadError(where, 'the server sends no commit and files', 'check the endpoint');
  }
  const files = new Map<string, ListedFile>();
  for (const sibling of siblings) {
    const name: unknown = sibling?.rfilename;
    assertFileName(where, name);
    files.set(name, readFile(sibling));
  }
  return { commit: sha, files };
}

const maxListingBytes = 64 * 2 ** 20;

async function readJson(where: string, { response, guarded, stop }: HubResponse): Promise<object> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (reader) {
    const { value, done } = await guarded(reader.read());
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > maxListingBytes) {
      stop();
      throw new DownloadError(where, `the list of its files is longer than ${maxListingBytes} bytes`);
    }
  }
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json;
  } catch {
    // said below
  }
  throw new PassingFailure('the list of its files is not JSON');
}

function readFile({ size, lfs, blobId }: Record<string, unknown>): ListedFile {
  const { sha256, oid } = (typeof lfs === 'object' && lfs !== null ? lfs : {}) as Record<string, unknown>;
  return {
    size: typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
    sha256: [sha256, oid].find(
      (hash): hash is string => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash),
    ),
    gitSha1: typeof blobId === 'string' && /^[0-9a-f]{40}$/.test(blobId) && !lfs ? blobId : undefined,
  };
}
