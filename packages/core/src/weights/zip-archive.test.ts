import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { hasShared, sharedFolder } from '../testing/golden.fixture.js';
import { readMutations } from '../testing/mutations.fixture.js';
import { type FileToZip, zipOf } from '../testing/zip.fixture.js';
import { byteSource } from './byte-source.js';
import { ZipArchive } from './zip-archive.js';

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >> 3);
const files: FileToZip[] = [
  { name: 'm/stored', bytes },
  { name: 'm/deflated', bytes, isDeflated: true },
  { name: 'ä/empty', bytes: new Uint8Array(0) },
];

const open = (file: Uint8Array) => ZipArchive.open(byteSource(file));

describe.each([{ isZip64: false }, { isZip64: true }])('%o', (options) => {
  test('entries are read whole and in part, stored and deflated', async () => {
    const zip = await open(zipOf(files, options));
    expect(zip.names).toEqual(['m/stored', 'm/deflated', 'ä/empty']);
    expect(zip.size('m/deflated')).toBe(5000);
    expect(zip.size('absent')).toBeUndefined();
    expect(await zip.read('m/stored')).toEqual(bytes);
    expect(await zip.read('m/deflated')).toEqual(bytes);
    expect(await zip.read('m/stored', 10, 20)).toEqual(bytes.slice(10, 20));
    expect(await zip.read('m/deflated', 10, 20)).toEqual(bytes.slice(10, 20));
    expect(await zip.read('ä/empty')).toHaveLength(0);
  });

  test('a file that is cut off is refused, wherever', async () => {
    const whole = zipOf(files, options);
    for (let length = 0; length < whole.length; length += 7) {
      await expect(open(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(FormatError);
    }
  });
});

test.skipIf(!hasShared)(
  'the ZIP64 directory of PyTorch is found (skipped where ../shared is absent)',
  async () => {
    const path = `${sharedFolder}/golden/checkpoints/openai-torchscript-fp16.pt`;
    const zip = await open(readFileSync(path));
    expect(zip.names.filter((name) => name.endsWith('/data.pkl'))).toHaveLength(1);
  },
);

test('a comment at the end does not hide the directory', async () => {
  const file = Buffer.concat([zipOf(files), Buffer.from('hello PK\x05\x06')]);
  file.writeUInt16LE(10, file.length - 12);
  expect((await open(file)).names).toHaveLength(3);
});

describe('refused are', () => {
  test.each<[message: string, file: FileToZip]>([
    ['the name "../m" leaves the folder', { name: '../m', bytes }],
    ['the name "a/../../m" leaves the folder', { name: 'a/../../m', bytes }],
    ['the name "/etc/passwd" leaves the folder', { name: '/etc/passwd', bytes }],
    ['the name "C:/m" leaves the folder', { name: 'C:/m', bytes }],
    [String.raw`the name "..\\m" leaves the folder`, { name: '..\\m', bytes }],
    ['entry "m" is encrypted; save it without a password', { name: 'm', bytes, flags: 1 }],
    ['entry "m" is compressed by method 12', { name: 'm', bytes, method: 12 }],
    ['entry "m" is stored, yet has two sizes', { name: 'm', bytes, size: 7 }],
    ['entry "m" reaches into what follows it', { name: 'm', bytes, headerOffset: 4000 }],
    ['entry "m" lacks its ZIP64 numbers', { name: 'm', bytes, headerOffset: 0xffffffff }],
  ])('%s', async (message, file) => {
    await expect(open(zipOf([file]))).rejects.toThrow(`zip: ${message}`);
  });

  test('entries that share their bytes, and equal names', async () => {
    const overlapping = zipOf([
      { name: 'a', bytes },
      { name: 'b', bytes, headerOffset: 0 },
    ]);
    await expect(open(overlapping)).rejects.toThrow('entry "a" reaches into what follows it');
    await expect(
      open(
        zipOf([
          { name: 'a', bytes },
          { name: 'a', bytes },
        ]),
      ),
    ).rejects.toThrow('"a" is there twice');
  });

  test('directories with more or fewer entries than they say', async () => {
    await expect(open(zipOf(files, { count: 4 }))).rejects.toThrow('there is no entry at byte');
    await expect(open(zipOf(files, { count: 2 }))).rejects.toThrow('its 2 entries take');
    await expect(open(zipOf(files, { count: 2 ** 40, isZip64: true }))).rejects.toThrow('there is no entry');
  });

  test('entries that are not where the directory says, when they are read', async () => {
    const zip = await open(
      zipOf([
        { name: 'a', bytes },
        { name: 'b', bytes: bytes.slice(0, 9), headerOffset: 5030 },
      ]),
    );
    await expect(zip.read('b')).rejects.toThrow('entry "b" does not start where the directory says');
    await expect(zip.read('c')).rejects.toThrow('there is no entry "c"');
  });

  test('bombs: entries that hold more, or less, than they say, or too much', async () => {
    const zeros = new Uint8Array(1_000_000);
    const read = async (size: number) =>
      (await open(zipOf([{ name: 'a', bytes: zeros, isDeflated: true, size }]))).read('a');
    await expect(read(1000)).rejects.toThrow('it holds more than 1000 bytes');
    await expect(read(1_000_001)).rejects.toThrow('it ends after 1000000 of 1000001 bytes');
    await expect(read(500_000_000)).rejects.toThrow('cannot hold 500000000');
    await expect(read(2 ** 31)).rejects.toThrow('entry "a" inflates to 2147483648 bytes, more than');
  });

  test('whatever a damaged directory says', async () => {
    const { refused } = await readMutations(
      [zipOf(files.slice(1)), zipOf(files.slice(1), { isZip64: true })],
      async (file) => {
        const zip = await open(file);
        for (const name of zip.names) await zip.read(name);
      },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
