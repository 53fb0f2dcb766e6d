import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgumentError, ShapeError } from '@anomclip/core';
import { createImage, createMask, decodePng } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMvtec3d } from './mvtec3d.js';
import { createMvtec3dWriter, type ScanToWrite } from './mvtec3d-writer.js';
import { createTemporaryFolder, height, pointAt, width, writeFiles } from './testing/tiny-files.js';

let root: string;
beforeEach(async () => {
  root = await createTemporaryFolder();
});
afterEach(() => rm(root, { recursive: true, force: true }));

function scan(changes: Partial<ScanToWrite> = {}): ScanToWrite {
  const image = createImage(height, width);
  image.set(3, 4, 1, 200);
  const xyz = ndarray(new Float32Array(height * width * 3), [height, width, 3]);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (const [axis, value] of pointAt(row, column).entries()) xyz.set(row, column, axis, value);
    }
  }
  const mask = createMask(height, width);
  mask.set(2, 3, 1);
  const names = { className: 'gear', split: 'test', defectType: 'dent', stem: '000' } as const;
  return { ...names, image, organised: { xyz }, mask, ...changes };
}

const normalScan = (split: 'train' | 'test') => scan({ split, defectType: 'good', mask: undefined });

test('what is written is read back by the reader, value by value', async () => {
  const writer = await createMvtec3dWriter(root);
  const written = scan();
  expect(await writer.write(written)).toBe('gear/test/dent/000');
  const [sample] = (await openMvtec3d(root)).samples();
  const { image, organised, mask } = await sample.load();
  expect(sample.id).toBe('gear/test/dent/000');
  expect(image).toEqual(written.image);
  expect(organised?.xyz).toEqual(written.organised.xyz);
  expect(mask).toEqual(written.mask);
});

test('files lie where the original has them, with gt in the test split only', async () => {
  const writer = await createMvtec3dWriter(root);
  await writer.write(normalScan('train'));
  await writer.write(normalScan('test'));
  await writer.write(scan());
  const found = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  expect(found.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1)).sort()).toEqual([
    'gear/test/dent/gt/000.png',
    'gear/test/dent/rgb/000.png',
    'gear/test/dent/xyz/000.tiff',
    'gear/test/good/gt/000.png',
    'gear/test/good/rgb/000.png',
    'gear/test/good/xyz/000.tiff',
    'gear/train/good/rgb/000.png',
    'gear/train/good/xyz/000.tiff',
  ]);
  expect(await (await openMvtec3d(root)).verify()).toMatchObject({ ok: true, problems: [] });
});

test('anomalous pixels are written as 255, so that readers with a threshold of 127 see them', async () => {
  await (await createMvtec3dWriter(root)).write(scan());
  const truth = decodePng(await readFile(join(root, 'gear/test/dent/gt/000.png')));
  expect([truth.get(2, 3, 0), truth.get(0, 0, 0)]).toEqual([255, 0]);
});

test('views with strides of their own are written in row-major order', async () => {
  const turned = scan();
  const image = createImage(width, height).transpose(1, 0, 2);
  image.set(3, 4, 1, 200);
  const mask = createMask(width, height).transpose(1, 0);
  mask.set(2, 3, 1);
  await (await createMvtec3dWriter(root)).write({ ...turned, image, mask });
  const data = await (await openMvtec3d(root)).samples()[0].load();
  expect(data.image).toEqual(turned.image);
  expect(data.mask).toEqual(turned.mask);
});

test('a folder that holds something is refused unless it is to be overwritten', async () => {
  await writeFiles(root, { 'thesis.tex': 'important' });
  await expect(createMvtec3dWriter(root)).rejects.toThrow(
    /is not empty, it holds thesis\.tex; pass a new folder/,
  );
  const writer = await createMvtec3dWriter(root, { overwrite: true });
  await writer.write(scan());
  expect(await readFile(join(root, 'thesis.tex'), 'utf8')).toBe('important');
});

test.each(['..', '../up', 'a/b', 'a\\b', '', '.hidden', '__MACOSX', 'Thumbs.db', 'a\0b', 'C:'])(
  'the name %j is refused in every place, so nothing is written outside of the folder',
  async (name) => {
    const writer = await createMvtec3dWriter(join(root, 'inner'));
    for (const key of ['className', 'defectType', 'stem'] as const) {
      await expect(writer.write(scan({ [key]: name }))).rejects.toThrow(ArgumentError);
    }
    const split = name as unknown as ScanToWrite['split'];
    await expect(writer.write(scan({ split, defectType: 'good', mask: undefined }))).rejects.toThrow(
      ArgumentError,
    );
    expect(await readdir(root)).toEqual([]);
  },
);

test('masks that contradict the defect type, and defects outside of the test split, are refused', async () => {
  const writer = await createMvtec3dWriter(root);
  await expect(writer.write(scan({ mask: undefined }))).rejects.toThrow(/the mask of the dent sample/);
  await expect(writer.write(scan({ defectType: 'good' }))).rejects.toThrow(/no anomalous pixel/);
  await expect(writer.write(scan({ split: 'train' }))).rejects.toThrow(/good in the train split/);
});

test('arrays of different size are refused', async () => {
  const writer = await createMvtec3dWriter(root);
  await expect(writer.write(scan({ image: createImage(height, width + 1) }))).rejects.toThrow(ShapeError);
  await expect(writer.write(scan({ mask: createMask(width, height) }))).rejects.toThrow(ShapeError);
});
