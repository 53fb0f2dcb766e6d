import { describe, expect, test } from 'vitest';
import { AnomclipError, FormatError } from '../errors.js';
import { readMutations } from '../testing/mutations.fixture.js';
import { pickled } from '../testing/pickle.fixture.js';
import { zipOf } from '../testing/zip.fixture.js';
import { byteSource, type FileSource } from './byte-source.js';
import { openCheckpoint } from './open-checkpoint.js';
import { writeSafetensors } from './write-safetensors.js';

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const safetensorsOf = (name: string, ...data: number[]): Uint8Array =>
  writeSafetensors({ [name]: { shape: [data.length], data: Float32Array.from(data) } });
const pytorchOf = (name: string, value: number): Uint8Array => {
  const tensor = pickled.tensor(pickled.storage('0', 1), 0, [1], [1]);
  return zipOf([
    { name: 'm/data.pkl', bytes: pickled.file(pickled.dictionary({ [name]: tensor })) },
    { name: 'm/data/0', bytes: new Uint8Array(Float32Array.of(value).buffer) },
  ]);
};

/** Files in memory, and how many of them are open. */
function filesOf(files: Record<string, Uint8Array>): FileSource & { openCount: () => number } {
  let open = 0;
  return {
    names: Object.keys(files),
    openCount: () => open,
    async open(name) {
      open++;
      return {
        ...byteSource(files[name]),
        close: async () => {
          open--;
        },
      };
    },
  };
}

async function readAll(files: Record<string, Uint8Array>, name?: string): Promise<Record<string, number[]>> {
  const source = filesOf(files);
  const checkpoint = await openCheckpoint(source, name);
  const values: Record<string, number[]> = {};
  for (const weight of checkpoint.shapes.keys()) values[weight] = [...(await checkpoint.read(weight))];
  await checkpoint.close();
  expect(source.openCount()).toBe(0);
  return values;
}

describe('the weights are found', () => {
  test('under the usual names, OpenCLIP before Hugging Face, safetensors before pickles', async () => {
    const files = {
      'config.json': json({}),
      'pytorch_model.bin': pytorchOf('d', 4),
      'open_clip_pytorch_model.bin': pytorchOf('c', 3),
      'model.safetensors': safetensorsOf('b', 2),
      'open_clip_model.safetensors': safetensorsOf('a', 1),
    };
    const found: string[] = [];
    for (const name of Object.keys(files).slice(1).reverse()) {
      found.push(...Object.keys(await readAll(files)));
      delete (files as Record<string, Uint8Array>)[name];
    }
    expect(found).toEqual(['a', 'b', 'c', 'd']);
  });

  test('as the only file that can be weights', async () => {
    expect(await readAll({ 'readme.md': json(1), 'epoch_15.pth': pytorchOf('a', 7) })).toEqual({ a: [7] });
    expect(await readAll({ 'x.pt': pytorchOf('a', 7), 'y.safetensors': safetensorsOf('b', 8) })).toEqual({
      b: [8],
    });
  });

  test('by name, and by content whatever the name', async () => {
    const files = { 'a.pt': pytorchOf('a', 1), 'b.pt': safetensorsOf('b', 2), 'c/d': pytorchOf('d', 3) };
    expect(await readAll(files, 'b.pt')).toEqual({ b: [2] });
    expect(await readAll(files, 'c/d')).toEqual({ d: [3] });
  });

  test('without module. in front', async () => {
    expect(await readAll({ 'model.safetensors': safetensorsOf('module.a', 1) })).toEqual({ a: [1] });
  });
});

describe('weights in several files', () => {
  const index = (weights: unknown): Uint8Array => json({ metadata: { total_size: 12 }, weight_map: weights });
  const shards = {
    'model-00001-of-00002.safetensors': safetensorsOf('a', 1, 2),
    'model-00002-of-00002.safetensors': safetensorsOf('b', 3),
  };
  const [first, second] = Object.keys(shards);

  test('are one checkpoint', async () => {
    const files = { ...shards, 'model.safetensors.index.json': index({ a: first, b: second }) };
    expect(await readAll(files)).toEqual({ a: [1, 2], b: [3] });
    const checkpoint = await openCheckpoint(filesOf(files));
    expect(checkpoint.shapes.get('a')).toEqual([2]);
    await expect(checkpoint.read('c')).rejects.toThrow('expected the name of a weight in the index, got "c"');
  });

  test('may be pickles, in a subfolder', async () => {
    const files = {
      'text/pytorch_model.bin.index.json': index({ a: '1.bin', b: '2.bin' }),
      'text/1.bin': pytorchOf('a', 1),
      'text/2.bin': pytorchOf('b', 2),
    };
    expect(await readAll(files, 'text/pytorch_model.bin.index.json')).toEqual({ a: [1], b: [2] });
  });

  test.each<[message: string, index: Uint8Array]>([
    [
      '"../../etc/passwd", which is not among the files; download all files',
      index({ a: '../../etc/passwd' }),
    ],
    ['it refers to "gone", which is not among the files', index({ a: first, b: 'gone' })],
    ['says that "b" is in model-00001-of-00002.safetensors, where it is not', index({ a: first, b: first })],
    ['"a" has no file', index({ a: 1 })],
    ['it lists no weights', index({})],
    ['it has no weight_map', index([first])],
    ['it has no weight_map', json([])],
    ['it has no weight_map', json(null)],
    ['it is not JSON', Uint8Array.of(0x7b)],
    ['it is not JSON', new TextEncoder().encode('['.repeat(1_000_000))],
  ])('are refused when the index is wrong: %s', async (message, bytes) => {
    const files = filesOf({ ...shards, 'model.safetensors.index.json': bytes });
    await expect(openCheckpoint(files)).rejects.toThrow(FormatError);
    await expect(openCheckpoint(files)).rejects.toThrow(message);
    expect(files.openCount()).toBe(0);
  });

  test('damaged indices are read or refused', async () => {
    const { refused } = await readMutations([index({ a: first, b: second })], async (bytes) => {
      await openCheckpoint(filesOf({ ...shards, 'model.safetensors.index.json': bytes }));
    });
    expect(refused).toBeGreaterThan(100);
  });
});

describe('refused are', () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);

  test.each<[message: string, files: Record<string, Uint8Array>]>([
    [
      'no file looks like weights; there are a.txt, b/model.safetensors; name the file',
      { 'a.txt': text('x'), 'b/model.safetensors': text('x') },
    ],
    ['no file looks like weights; there are no files at all', {}],
    [
      'several files can be the weights: a.pt, b.pth; name the file',
      { 'a.pt': text('x'), 'b.pth': text('x') },
    ],
    ['a.pt is neither safetensors nor a PyTorch zip file; it is empty', { 'a.pt': new Uint8Array(0) }],
    ['PyTorch before 1.6 wrote it', { 'a.pt': Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc) }],
    [
      'it is a pointer of Git LFS: run `git lfs pull`',
      { 'a.pt': text('version https://git-lfs.github.com/spec/v1') },
    ],
    ['it is a web page', { 'a.pt': text('<!DOCTYPE html><html></html>') }],
    ['it may be cut off or damaged', { 'a.pt': text('something else entirely') }],
    ['zip: it has no directory at its end', { 'a.pt': pytorchOf('a', 1).subarray(0, 100) }],
    ['safetensors: ', { 'a.safetensors': safetensorsOf('a', 1).subarray(0, -1) }],
  ])('%s', async (message, files) => {
    const source = filesOf(files);
    await expect(openCheckpoint(source)).rejects.toThrow(FormatError);
    await expect(openCheckpoint(source)).rejects.toThrow(message);
    expect(source.openCount()).toBe(0);
  });

  test('names that are not there', async () => {
    const open = openCheckpoint(filesOf({ 'a.pt': text('x') }), 'b.pt');
    await expect(open).rejects.toThrow('openCheckpoint: expected one of a.pt, got "b.pt"');
    await expect(open).rejects.toThrow(AnomclipError);
  });
});
