import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubServer {
  readonly endpoint: string;
  /** Every request, e.g. `GET /api/models/a/b/revision/main`, with its Range. */
  readonly requests: string[];
  /** Authorization headers that the place of large files saw. */
  readonly leaked: string[];
  /** Changes how the next answers with contents go wrong: each misbehaviour is used once. */
  misbehave(...behaviours: Misbehaviour[]): void;
  close(): Promise<void>;
}

export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => void;

export interface ServedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** In large-file storage: redirected to another origin, with its sha256 as ETag. */
  readonly isLarge?: boolean;
}

export interface HubServerOptions {
  readonly repository?: string;
  readonly commit?: string;
  /** Sizes and checksums in the list of files, as `?blobs=true` of the hub gives them. */
  readonly listsBlobs?: boolean;
  /** Answers this instead of the list of files. */
  readonly listing?: (response: ServerResponse) => void;
  readonly token?: string;
  /** What is said about a file, before it is served. */
  readonly describe?: (described: { size: number; sha256: string; gitSha1: string }) => typeof described;
}

export const commitOfServer = '0123456789abcdef0123456789abcdef01234567';

/** A hub on this machine that keeps to the hub's HTTP interface, until it is told to misbehave. */
export async function startHubServer(
  files: readonly ServedFile[],
  options: HubServerOptions = {},
): Promise<HubServer> {
  const { repository = 'owner/model', commit = commitOfServer, listsBlobs = true, token } = options;
  const { describe = (described) => described } = options;
  const requests: string[] = [];
  const leaked: string[] = [];
  const behaviours: Misbehaviour[] = [];

  const send: Misbehaviour = (request, response, bytes) => {
    if (request.method === 'HEAD')
      return void response.writeHead(200, { 'Content-Length': bytes.length }).end();
    const misbehave = behaviours.shift() ?? sendRange;
    misbehave(request, response, bytes);
  };
  const storage = createServer((request, response) => {
    requests.push(`${request.method} large ${request.headers.range ?? ''}`.trim());
    if (request.headers.authorization) leaked.push(request.headers.authorization);
    const file = files.find(({ name }) => request.url === `/${encodeURIComponent(name)}`);
    send(request, response, file?.bytes ?? new Uint8Array(0));
  });
  const hub = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    requests.push(`${request.method} ${url} ${request.headers.range ?? ''}`.trim());
    if (token && request.headers.authorization !== `Bearer ${token}`)
      return void response.writeHead(401).end();
    if (url.startsWith(`/api/models/${repository}/revision/`)) {
      if (options.listing) return options.listing(response);
      const siblings = files.map((file) => ({
        rfilename: file.name,
        ...(listsBlobs && listed(file, describe)),
      }));
      return void response.writeHead(200).end(JSON.stringify({ sha: commit, siblings }));
    }
    const file = files.find(({ name }) => url === `/${repository}/resolve/${commit}/${name}`);
    if (!file) return void response.writeHead(404).end();
    const { size, sha256, gitSha1 } = describe(hashesOf(file.bytes));
    if (!file.isLarge) {
      response.setHeader('ETag', `"${gitSha1}"`);
      return send(request, response, file.bytes);
    }
    response.setHeader('X-Linked-Etag', `"${sha256}"`);
    response.setHeader('X-Linked-Size', size);
    response.writeHead(302, { Location: `${originOf(storage)}/${encodeURIComponent(file.name)}` }).end();
  });
  await Promise.all(
    [hub, storage].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
  return {
    endpoint: originOf(hub),
    requests,
    leaked,
    misbehave: (...next) => void behaviours.push(...next),
    async close() {
      for (const server of [hub, storage]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

/** What a good server does. */
const sendRange: Misbehaviour = ({ headers }, response, bytes) => {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (from > 0 && from >= bytes.length) return void response.writeHead(416).end();
  if (from > 0) response.setHeader('Content-Range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
  response
    .writeHead(from > 0 ? 206 : 200, { 'Content-Length': bytes.length - from })
    .end(bytes.subarray(from));
};

export const misbehaviours = {
  /** Cuts the connection after so many bytes more. */
  cutAfter:
    (count: number): Misbehaviour =>
    ({ headers }, response, bytes) => {
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      if (from > 0) response.setHeader('Content-Range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
      response.writeHead(from > 0 ? 206 : 200, { 'Content-Length': bytes.length - from });
      response.write(bytes.subarray(from, from + count), () => setTimeout(() => response.destroy(), 20));
    },
  corrupt: (({ headers }, response, bytes) => {
    const damaged = Uint8Array.from(bytes);
    damaged[damaged.length >> 1] ^= 1;
    sendRange({ headers } as IncomingMessage, response, damaged);
  }) as Misbehaviour,
  ignoreRange: ((_, response, bytes) => {
    response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
  }) as Misbehaviour,
  sendOtherRange: ((_, response, bytes) => {
    response
      .writeHead(206, { 'Content-Range': `bytes 1-${bytes.length - 1}/${bytes.length}` })
      .end(bytes.subarray(1));
  }) as Misbehaviour,
  /** Ends properly, and too early. */
  sendLess: ((_, response, bytes) => {
    response.writeHead(200, { 'Content-Length': bytes.length - 5 }).end(bytes.subarray(5));
  }) as Misbehaviour,
  sendMore: ((_, response, bytes) => {
    response.writeHead(200).end(Buffer.concat([bytes, bytes]));
  }) as Misbehaviour,
  say:
    (status: number, headers: Record<string, string> = {}): Misbehaviour =>
    (_, response) =>
      void response.writeHead(status, headers).end(),
  /** Sends a little and then nothing. */
  fallSilent: ((_, response, bytes) => {
    response.writeHead(200, { 'Content-Length': bytes.length });
    response.write(bytes.subarray(0, 10));
  }) as Misbehaviour,
};

type Describe = NonNullable<HubServerOptions['describe']>;

function listed({ bytes, isLarge }: ServedFile, describe: Describe): object {
  const { size, sha256, gitSha1 } = describe(hashesOf(bytes));
  return isLarge
    ? { size, blobId: gitSha1, lfs: { sha256, size, pointerSize: 130 } }
    : { size, blobId: gitSha1 };
}

function hashesOf(bytes: Uint8Array): { size: number; sha256: string; gitSha1: string } {
  return {
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    gitSha1: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
  };
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
