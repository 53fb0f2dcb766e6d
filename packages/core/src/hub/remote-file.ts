import { DownloadError } from '../errors.js';
import type { HubClient } from './hub-client.js';
import { assertKey } from './hub-names.js';
import type { ListedFile } from './list-repository.js';

/** A file of a commit on the hub, and how to tell that it came right. */
export interface RemoteFile {
  /** For messages. */
  readonly where: string;
  readonly url: string;
  /** What its content is kept under: the hub's ETag. */
  readonly key: string;
  /** Bytes; undefined when nobody says. */
  readonly size?: number;
  readonly checksum?: { readonly kind: 'sha256' | 'git-sha1'; readonly value: string };
}

/**
 * What the listing says about a file is enough; where it says nothing, the headers of the file say it: X-Linked-Etag and
 * X-Linked-Size of files in large-file storage, before the redirect that leads there, else ETag and Content-Length.
 */
export async function describeRemoteFile(
  client: HubClient,
  { repository, commit, name }: { repository: string; commit: string; name: string },
  listed: ListedFile,
): Promise<RemoteFile> {
  const where = `${repository}, ${name}`;
  const path = name.split('/').map(encodeURIComponent).join('/');
  const url = client.url(`/${repository}/resolve/${commit}/${path}`);
  const { size, sha256, gitSha1 } = listed;
  if (size !== undefined && sha256)
    return { where, url, key: sha256, size, checksum: { kind: 'sha256', value: sha256 } };
  if (size !== undefined && gitSha1) {
    return { where, url, key: gitSha1, size, checksum: { kind: 'git-sha1', value: gitSha1 } };
  }
  const headers = await readHeaders(client, where, url);
  const key = (headers.get('X-Linked-Etag') ?? headers.get('ETag') ?? '')
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
  assertKey(where, key);
  const isSha256 = /^[0-9a-f]{64}$/.test(key);
  return {
    where,
    url,
    key,
    size:
      size ??
      count(headers.get('X-Linked-Size') ?? (headers.has('Location') ? null : headers.get('Content-Length'))),
    checksum: isSha256 ? { kind: 'sha256', value: key } : undefined,
  };
}

/** Follows redirects inside the hub (renamed repositories), and stops at the one that leads out of it. */
async function readHeaders(client: HubClient, where: string, start: string): Promise<Headers> {
  let url = start;
  for (let redirects = 0; redirects < 5; redirects++) {
    const init: RequestInit = { method: 'HEAD', redirect: 'manual' };
    const { response } = await client.retry(where, () =>
      client.request(where, url, init, [0, 200, 301, 302, 303, 307, 308]),
    );
    if (response.type === 'opaqueredirect') {
      throw new DownloadError(
        where,
        'the list of files says no size and checksum, and this platform hides redirects',
      );
    }
    const { headers } = response;
    const location = headers.get('Location');
    if (location === null || headers.has('X-Linked-Etag')) return headers;
    const next = new URL(location, url);
    if (next.origin !== new URL(start).origin) return headers;
    url = next.href;
  }
  throw new DownloadError(where, 'the server redirects without end');
}

function count(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
