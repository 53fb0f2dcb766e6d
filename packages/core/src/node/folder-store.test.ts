import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureCache } from '../encoder/feature-cache.js';
import { ArgumentError } from '../errors.js';
import { folderStore } from './folder-store.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anomclip-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('bytes come back from another store on the same folder, and nothing else is in it', async () => {
  const inner = join(folder, 'made', 'when needed');
  expect(await folderStore(inner).get('a')).toBeUndefined();
  await folderStore(inner).set('a', Uint8Array.of(1, 2, 3));
  expect(new Uint8Array((await folderStore(inner).get('a')) ?? [])).toEqual(Uint8Array.of(1, 2, 3));
  expect(await readdir(inner)).toEqual(['a.features.safetensors']);
});

test('features outlive the process, and a damaged file is written anew', async () => {
  const features = new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]);
  await new FeatureCache({ store: folderStore(folder) }).set('a', features);
  expect(await new FeatureCache({ store: folderStore(folder) }).get('a')).toEqual(features);

  const path = join(folder, 'a.features.safetensors');
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, 20));
  const cache = new FeatureCache({ store: folderStore(folder) });
  expect(await cache.get('a')).toBeUndefined();
  await cache.set('a', features);
  expect(await readFile(path)).toEqual(whole);
});

test('the folder is bounded: files not used for longest go, files of others stay', async () => {
  await writeFile(join(folder, 'notes.txt'), 'x'.repeat(100));
  const store = folderStore(folder, { maxBytes: 25 });
  for (const [i, key] of ['a', 'b'].entries()) {
    await store.set(key, new Uint8Array(10));
    const past = new Date(1e12 + 1000 * i);
    await utimes(join(folder, `${key}.features.safetensors`), past, past);
  }
  await store.get('a'); // now b was not used for longest
  await store.set('c', new Uint8Array(10));
  expect((await readdir(folder)).sort()).toEqual([
    'a.features.safetensors',
    'c.features.safetensors',
    'notes.txt',
  ]);
  // A store that has not seen the folder grow counts what is there.
  await folderStore(folder, { maxBytes: 10 }).set('d', new Uint8Array(10));
  expect((await readdir(folder)).sort()).toEqual(['d.features.safetensors', 'notes.txt']);
});

test('a key cannot leave the folder', async () => {
  for (const key of ['../a', 'a/b', '', '.', 'a'.repeat(129)]) {
    await expect(folderStore(folder).get(key)).rejects.toThrow(ArgumentError);
    await expect(folderStore(folder).set(key, new Uint8Array(1))).rejects.toThrow(ArgumentError);
  }
});
