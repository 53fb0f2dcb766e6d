import { DownloadError } from '../errors.js';
import { type HubClient, type HubResponse, PassingFailure } from './hub-client.js';
import type { HubStorage, PartialContent } from './hub-storage.js';
import type { RemoteFile } from './remote-file.js';

/**
 * Downloads the content of a file, going on where an earlier try stopped, and finishes it when its length and its checksum
 * are right. What stays unfinished is kept for the next time, unless it is wrong.
 *
 * @param onBytes - Hears how many bytes are there.
 * @throws {@link DownloadError} when the server does not give what it promised.
 */
export async function downloadContent(
  client: HubClient,
  storage: HubStorage,
  repository: string,
  file: RemoteFile,
  { maxBytes, onBytes }: { maxBytes: number; onBytes: (count: number) => void },
): Promise<void> {
  const { where, key, size } = file;
  if ((size ?? 0) > maxBytes) throw tooLarge(where, maxBytes);
  const partial = await storage.partial(repository, key);
  try {
    for (let attempt = 1; ; attempt++) {
      await client.retry(
        where,
        () => fetchRest(client, file, partial, maxBytes, onBytes),
        () => partial.size,
      );
      client.signal?.throwIfAborted();
      if (await isIntact(storage, file, partial)) return await partial.finish();
      await partial.clear(); // it may have been put together from two different contents: once more, in one piece
      if (attempt === 2) throw corrupted(file);
    }
  } finally {
    await partial.close();
  }
}

async function fetchRest(
  client: HubClient,
  file: RemoteFile,
  partial: PartialContent,
  maxBytes: number,
  onBytes: (count: number) => void,
): Promise<void> {
  const { where, url, size } = file;
  if (size !== undefined && partial.size > size) await partial.clear();
  if (size !== undefined && partial.size === size) return;
  const from = partial.size;
  const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
  const answer = await client.request(where, url, { headers }, [200, 206, 416]);
  const { response, stop } = answer;
  if (response.status === 416 || !continues(response, from, size)) {
    stop();
    await partial.clear();
    throw new PassingFailure(`what was there does not go on at byte ${from}`);
  }
  if (response.status === 200) await partial.clear(); // the server sends everything again
  onBytes(partial.size);
  try {
    for await (const piece of piecesOf(answer)) {
      await partial.append(piece);
      if (partial.size > maxBytes) {
        await partial.clear();
        throw tooLarge(where, maxBytes);
      }
      if (size !== undefined && partial.size > size) {
        await partial.clear();
        throw new PassingFailure(`more came than the ${size} bytes that were promised`);
      }
      onBytes(partial.size);
    }
  } finally {
    stop();
  }
  if (size !== undefined && partial.size < size) {
    throw new PassingFailure(`the connection ended after ${partial.size} of ${size} bytes`);
  }
}

function continues(response: Response, from: number, size: number | undefined): boolean {
  if (response.status === 200) return true;
  const [, start, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('Content-Range') ?? '') ?? [];
  return Number(start) === from && (size === undefined || total === '*' || Number(total) === size);
}

async function* piecesOf({ response, guarded }: HubResponse): AsyncIterable<Uint8Array> {
  const reader = response.body?.getReader();
  while (reader) {
    const { value, done } = await guarded(reader.read());
    if (done) return;
    yield value;
  }
}

/** Hashes what is stored, not what came: so it also covers what an earlier process wrote. */
async function isIntact(
  storage: HubStorage,
  { checksum }: RemoteFile,
  partial: PartialContent,
): Promise<boolean> {
  if (!checksum) return true;
  const hash = await storage.createHash(checksum.kind === 'sha256' ? 'sha256' : 'sha1');
  if (checksum.kind === 'git-sha1') hash.update(new TextEncoder().encode(`blob ${partial.size}\0`));
  for await (const piece of partial.pieces()) hash.update(piece);
  return hash.digest() === checksum.value;
}

function corrupted({ where, checksum }: RemoteFile): DownloadError {
  const what = `what came does not have the ${checksum?.kind} ${checksum?.value} that was promised, twice`;
  return new DownloadError(where, what, 'a proxy or the server damages it: nothing was kept');
}

function tooLarge(where: string, maxBytes: number): DownloadError {
  return new DownloadError(
    where,
    `the file has more than ${maxBytes} bytes`,
    'raise maxFileBytes if it is meant',
  );
}
