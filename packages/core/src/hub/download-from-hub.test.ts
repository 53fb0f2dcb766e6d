import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, DownloadError } from '../errors.js';
import type { ProgressEvent } from '../long-work.js';
import { hubCache } from '../node/index.js';
import {
  commitOfServer,
  type HubServer,
  type HubServerOptions,
  misbehaviours,
  type ServedFile,
  startHubServer,
} from '../testing/hub-server.fixture.js';
import { openCheckpoint, writeSafetensors } from '../weights/index.js';
import { clipFiles } from './clip-files.js';
import { type DownloadFromHubOptions, downloadFromHub, type HubSnapshot } from './download-from-hub.js';
import type { HubStorage } from './hub-storage.js';
import { memoryHubStorage } from './memory-hub-storage.js';

const { cutAfter, corrupt, fallSilent, ignoreRange, say, sendLess, sendMore, sendOtherRange } = misbehaviours;

const weights = writeSafetensors({
  a: { shape: [60_000], data: Float32Array.from({ length: 60_000 }, (_, i) => i) },
});
const files: ServedFile[] = [
  { name: 'config.json', bytes: new TextEncoder().encode('{"model_type": "clip"}') },
  { name: 'model.safetensors', bytes: weights, isLarge: true },
  { name: 'docs/read me.md', bytes: new TextEncoder().encode('# hello') },
];

let folder: string;
let server: HubServer;
let delays: number[];
let storage: HubStorage;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anomclip-hub-'));
  storage = hubCache(folder);
  delays = [];
});
afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

async function start(options: HubServerOptions = {}, served: readonly ServedFile[] = files): Promise<void> {
  server = await startHubServer(served, options);
}

function download(options: DownloadFromHubOptions = {}) {
  return downloadFromHub('owner/model', storage, {
    endpoint: server.endpoint,
    sleep: async (milliseconds) => void delays.push(milliseconds),
    ...options,
  });
}

async function holds(snapshot: HubSnapshot, name: string, bytes: Uint8Array): Promise<boolean> {
  const source = await snapshot.open(name);
  try {
    return Buffer.compare(await source.read(0, source.size), bytes) === 0;
  } finally {
    await source.close();
  }
}

const model = { files: ['model.safetensors'] };

describe.each([
  ['in the list of files', { listsBlobs: true }],
  ['in headers only', { listsBlobs: false }],
])('sizes and checksums %s', (_, options) => {
  test.each([
    ['on disk', () => hubCache(folder)],
    ['in memory', memoryHubStorage],
  ])('all files come, and are kept %s', async (_where, create) => {
    storage = create();
    await start(options);
    const snapshot = await download();
    expect(snapshot.commit).toBe(commitOfServer);
    expect([...snapshot.names].sort()).toEqual(['config.json', 'docs/read me.md', 'model.safetensors']);
    for (const { name, bytes } of files) expect(await holds(snapshot, name, bytes)).toBe(true);

    const asked = server.requests.length;
    await download();
    expect(server.requests.slice(asked)).toEqual([expect.stringContaining('GET /api/models/owner/model')]);
    await server.close();
    expect((await download({ offline: true })).names).toHaveLength(3);
    expect((await download({ offline: true, revision: commitOfServer })).names).toHaveLength(3);
  });

  test('bytes that were damaged on the way are fetched once more, then refused, and not kept', async () => {
    await start(options);
    server.misbehave(corrupt);
    expect(await holds(await download(model), 'model.safetensors', weights)).toBe(true);

    storage = memoryHubStorage();
    server.misbehave(corrupt, corrupt);
    const again = download(model);
    await expect(again).rejects.toThrow(DownloadError);
    await expect(again).rejects.toThrow(
      /owner\/model, model.safetensors: what came does not have the sha256 [0-9a-f]{64} that was promised, twice; a proxy/,
    );
    await expect(download({ offline: true })).rejects.toThrow('not in the storage');
  });

  test('a cut connection goes on where it stopped', async () => {
    await start(options);
    server.misbehave(cutAfter(50_000), cutAfter(70_000));
    expect(await holds(await download(model), 'model.safetensors', weights)).toBe(true);
    const ranges = server.requests.filter((request) => request.startsWith('GET large'));
    expect(ranges).toEqual(['GET large', 'GET large bytes=50000-', 'GET large bytes=120000-']);
    expect(delays).toEqual([1000, 2000]);
  });
});

test('a small file that was damaged does not have the name git gave it', async () => {
  await start();
  server.misbehave(corrupt, corrupt);
  await expect(download({ files: ['config.json'] })).rejects.toThrow('does not have the git-sha1');
});

test('the layout on disk is that of huggingface_hub', async () => {
  await start();
  const { folder: snapshot } = await download();
  const root = join(folder, 'models--owner--model');
  expect(snapshot).toBe(join(root, 'snapshots', commitOfServer));
  expect(readFileSync(join(root, 'refs/main'), 'utf8')).toBe(commitOfServer);
  const link = join(root, 'snapshots', commitOfServer, 'docs/read me.md');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readlinkSync(link)).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
  expect(readlinkSync(join(root, 'snapshots', commitOfServer, 'model.safetensors'))).toMatch(
    /^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/,
  );
  expect(readdirSync(join(root, 'blobs')).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
});

test('what another process began, or ended by abort, is finished later', async () => {
  await start();
  const abort = new AbortController();
  server.misbehave(cutAfter(100_000));
  const aborted = download({
    ...model,
    signal: abort.signal,
    sleep: async () => abort.abort(new Error('enough')),
  });
  await expect(aborted).rejects.toThrow('enough');
  await expect(download({ offline: true })).rejects.toThrow(
    'it is not in the storage, and offline is true; run it once',
  );
  storage = hubCache(folder);
  expect(await holds(await download(model), 'model.safetensors', weights)).toBe(true);
  expect(server.requests.at(-1)).toBe('GET large bytes=100000-');
});

test('what is left of another content is noticed, and fetched anew', async () => {
  await start();
  const { key } = { key: /"([0-9a-f]{64})"/.exec(JSON.stringify(await keys()))?.[1] ?? '' };
  const partial = await storage.partial('owner/model', key);
  await partial.append(new Uint8Array(1000).fill(7));
  await partial.close();
  expect(await holds(await download(model), 'model.safetensors', weights)).toBe(true);

  async function keys(): Promise<unknown> {
    return (await fetch(`${server.endpoint}/api/models/owner/model/revision/main`)).json();
  }
});

describe('a server that', () => {
  test.each([
    ['ignores ranges', [cutAfter(1000), ignoreRange]],
    ['sends another range', [cutAfter(1000), sendOtherRange]],
    ['sends less than it should, once', [sendLess]],
    ['sends more than it should, once', [sendMore]],
    ['is busy', [say(503), say(500), say(429, { 'Retry-After': '7' })]],
    ['cuts at once', [cutAfter(0), cutAfter(0)]],
  ])('%s is met with patience', async (_, behaviours) => {
    await start();
    server.misbehave(...behaviours);
    expect(await holds(await download(model), 'model.safetensors', weights)).toBe(true);
  });

  test('says when to come back is heard', async () => {
    await start();
    server.misbehave(
      say(429, { 'Retry-After': '7' }),
      say(429, { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
      say(503, { 'Retry-After': '99999' }),
    );
    await download(model);
    expect(delays).toEqual([7000, 2000, 60_000]);
  });

  test('falls silent is left', async () => {
    await start();
    server.misbehave(fallSilent);
    expect(
      await holds(await download({ ...model, stallMilliseconds: 100 }), 'model.safetensors', weights),
    ).toBe(true);
    expect(server.requests.at(-1)).toBe('GET large bytes=10-');
  });

  test('goes on failing is given up, with what to do', async () => {
    await start();
    server.misbehave(...new Array(4).fill(cutAfter(10)));
    const failing = download({ ...model, retries: 3 });
    await expect(failing).rejects.toThrow(DownloadError);
    await expect(failing).rejects.toThrow(
      /\(4 attempts\); run it again to go on where it stopped, or pass offline: true/,
    );
    expect(delays).toEqual([1000, 2000, 4000]);
  });

  test.each([
    ['is said to be longer than it is', 7, 'what was there does not go on at byte'],
    ['is said to be shorter than it is', -7, 'more came than the'],
  ])('has a file that %s is not believed', async (_, lie, message) => {
    await start({ describe: (described) => ({ ...described, size: described.size + lie }) });
    await expect(download({ ...model, retries: 1 })).rejects.toThrow(message);
    await expect(download({ offline: true })).rejects.toThrow('not in the storage');
  });

  test('sends a file larger than is allowed is refused', async () => {
    await start();
    await expect(download({ ...model, maxFileBytes: 1000 })).rejects.toThrow(
      'more than 1000 bytes; raise maxFileBytes',
    );
  });

  test.each([
    '../evil',
    '/etc/passwd',
    'a/../../evil',
    'a\\..\\evil',
    'C:evil',
    'a//b',
    'a/./b',
    '',
    'a\u0000',
  ])('names a file %j is refused before anything is written', async (name) => {
    await start({}, [...files, { name, bytes: new Uint8Array(3) }]);
    await expect(download()).rejects.toThrow(/the server names a file ".*", which leaves the folder/);
    expect(existsSync(join(folder, 'models--owner--model'))).toBe(false);
  });

  test.each(['../../evil', '..', 'a/b', ''])('sends the ETag %j is refused', async (sha256) => {
    await start({ listsBlobs: false, describe: (described) => ({ ...described, sha256 }) });
    await expect(download(model)).rejects.toThrow('which names no content');
  });

  test.each([
    ['[]', 'the server sends no commit and files'],
    ['{"sha": "../../evil", "siblings": []}', 'the server sends no commit and files'],
    ['<html>', 'the list of its files is not JSON (2 attempts)'],
    ['{"sha": "0123456789", "siblings": [null]}', 'the server names a file undefined'],
  ])('lists %s as its files is refused', async (text, message) => {
    await start({ listing: (response) => void response.writeHead(200).end(text) });
    await expect(download({ retries: 1 })).rejects.toThrow(message);
  });
});

describe('repositories that cannot be had', () => {
  test('because they do not exist', async () => {
    await start();
    const missing = downloadFromHub('owner/other', storage, { endpoint: server.endpoint });
    await expect(missing).rejects.toThrow(
      'owner/other at main: the server has no such thing (status 404); check the names of the repository',
    );
    await expect(missing).rejects.toMatchObject({ status: 404 });
  });

  test('without a token, or with a wrong one', async () => {
    await start({ token: 'secret' });
    await expect(download()).rejects.toThrow('refuses access (status 401); pass a token');
    await expect(download({ token: 'wrong' })).rejects.toThrow('the token gives no access');
  });

  test('because nobody is there', async () => {
    await start();
    await server.close();
    await expect(download({ retries: 1 })).rejects.toThrow(/the connection failed .*\(2 attempts\)/);
  });

  test('because their files do not fit what is wanted', async () => {
    await start();
    await expect(download({ files: ['*.bin'] })).rejects.toThrow(
      'no file fits "*.bin"; there are config.json, model',
    );
  });

  test.each(['', '..', '../a', 'a/b/c', 'a b', 'a/..', 'https://a/b'])(
    'because %j is no name',
    async (name) => {
      await expect(downloadFromHub(name, storage, { offline: true })).rejects.toThrow(ArgumentError);
    },
  );

  test.each(['', '../x', 'a/../b', '/a'])('because %j is no revision', async (revision) => {
    await expect(downloadFromHub('a/b', storage, { revision, offline: true })).rejects.toThrow(ArgumentError);
  });
});

test('a token goes to the hub, and never to where large files are', async () => {
  await start({ token: 'secret' });
  await download({ token: 'secret' });
  expect(server.requests.filter((request) => request.startsWith('GET large'))).toHaveLength(1);
  expect(server.leaked).toEqual([]);
});

test('progress is told in bytes, and reaches the whole', async () => {
  await start();
  const events: ProgressEvent[] = [];
  await download({ ...model, onProgress: (event) => void events.push(event) });
  expect(new Set(events.map(({ stage }) => stage))).toEqual(new Set(['download model.safetensors']));
  const done = events.map((event) => event.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(events.at(-1)).toMatchObject({ done: weights.length, total: weights.length });
});

test('only what a CLIP needs comes, and is opened', async () => {
  await start({}, [...files, { name: 'pytorch_model.bin', bytes: weights, isLarge: true }]);
  const snapshot = await download({ files: clipFiles, revision: 'refs/pr/1' });
  expect(snapshot.names).toEqual(['config.json', 'model.safetensors']);
  const checkpoint = await openCheckpoint(snapshot);
  expect((await checkpoint.read('a'))[59_999]).toBe(59_999);
  await checkpoint.close();
  expect((await download({ offline: true, revision: 'refs/pr/1', files: clipFiles })).names).toEqual(
    snapshot.names,
  );
});
