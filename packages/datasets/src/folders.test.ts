import { basename } from 'node:path';
import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { openFolders } from './folders.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { rgbPng, writeFiles, xyzTiff } from './testing/tiny-files.js';
import { asciiPcd, type Files, maskPng } from './testing/tiny-layouts.js';

const root = useTemporaryRoot();

function pictures(count: number, folder = 'normal'): Files {
  const names = Array.from({ length: count }, (_, i) => `${folder}/picture ${i}.png`);
  return Object.fromEntries(names.map((name) => [name, rgbPng()]));
}

test('normal and anomalous pictures make one class, called like the folder, a fifth of the normal ones to test', async () => {
  await writeFiles(root(), {
    ...pictures(10),
    'anomalous/a.png': rgbPng(),
    'anomalous/crack/b.JPG': rgbPng(), // told by its content
    'masks/a_mask.png': maskPng([[0, 0]]),
    'masks/crack/b.png': maskPng([[1, 1]]),
  });
  const dataset = await openFolders(root());
  const className = basename(root());
  expect(dataset.classes).toEqual([className]);
  expect(dataset.samples({ split: 'train' })).toHaveLength(8);
  expect(dataset.samples({ split: 'test', label: 0 })).toHaveLength(2);
  const anomalous = dataset.samples({ label: 1 });
  expect(anomalous.map(({ id }) => id)).toEqual([
    `${className}/test/anomalous/a`,
    `${className}/test/crack/b`,
  ]);
  expect((await anomalous[0].loadMask()).get(0, 0)).toBe(1);
  expect((await anomalous[1].load()).mask?.get(1, 1)).toBe(1);
  expect(await dataset.verify()).toMatchObject({ ok: true, problems: [] });
  expect(dataset.describe()).not.toContain('licen');
});

test('which normal pictures are kept for the test depends on their names and the seed only', async () => {
  await writeFiles(root(), prefixed('part', pictures(20)));
  await writeFiles(root(), prefixed('other/part', pictures(20)));
  const testIds = async (path: string, seed?: number) =>
    (await openFolders(`${root()}${path}`, { seed, classes: ['part'] }))
      .samples({ split: 'test' })
      .map(({ id }) => id);
  const drawn = await testIds('');
  expect(drawn).toHaveLength(4);
  expect(await testIds('/other')).toEqual(drawn);
  expect(await testIds('', 1)).not.toEqual(drawn);
});

function prefixed(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, contents]) => [`${folder}/${path}`, contents]));
}

test('splits may be given by folders, one class per folder', async () => {
  await writeFiles(root(), {
    ...pictures(3, 'bolt/train/normal'),
    ...pictures(2, 'bolt/test/normal'),
    ...pictures(1, 'bolt/test/anomalous'),
    'bolt/test/masks/picture 0.png': maskPng([[2, 2]]),
    ...pictures(2, 'nut/normal'),
  });
  const dataset = await openFolders(root());
  const counts = (await dataset.verify()).counts;
  expect(counts).toEqual([
    { className: 'bolt', train: 3, validation: 0, testNormal: 2, testAnomalous: 1 },
    { className: 'nut', train: 1, validation: 0, testNormal: 1, testAnomalous: 0 },
  ]);
  expect((await dataset.samples({ label: 1 })[0].loadMask()).get(2, 2)).toBe(1);
});

test('without masks anomalous samples have none, and normal ones an empty one', async () => {
  await writeFiles(root(), { ...pictures(1), ...pictures(1, 'anomalous') });
  const dataset = await openFolders(root(), { testShare: 0 });
  const [normal, anomalous] = dataset.samples();
  expect(anomalous.parts).toEqual(['image']);
  expect((await anomalous.load()).mask).toBeUndefined();
  await expect(anomalous.loadMask()).rejects.toThrow(/has no mask; it has image/);
  expect((await normal.load()).mask?.get(0, 0)).toBe(0);
});

test('files of one name make one sample: an image and a scan on its grid', async () => {
  await writeFiles(root(), {
    'normal/0.png': rgbPng(9),
    'normal/0.tiff': xyzTiff(),
    'normal/1.png': rgbPng(),
    'anomalous/0.png': rgbPng(),
    'anomalous/0.tif': xyzTiff(),
    'masks/0.png': maskPng([[3, 4]]),
  });
  const dataset = await openFolders(root(), { unitScale: 1, testShare: 0 });
  expect(dataset.skipped).toEqual([{ id: `${basename(root())}/normal/1`, missing: ['xyz'] }]);
  const [normal, anomalous] = dataset.samples();
  expect(normal).toMatchObject({ unitScale: 1, parts: ['image', 'organised', 'mask'] });
  expect((await normal.load()).image?.get(0, 0, 2)).toBe(9);
  const { labels, positions } = await anomalous.loadCloud();
  expect(positions.shape).toEqual([19, 3]); // the first pixel was not measured
  expect(Array.from(labels ?? []).lastIndexOf(1)).toBe(18);
});

test('clouds have the labels of their own file, where it has any', async () => {
  await writeFiles(root(), {
    'normal/0.pcd': asciiPcd([[1, 2, 3]]),
    'normal/README.txt': 'notes',
    'anomalous/0.txt': '1 2 3 1\n4 5 6 0\n',
    'anomalous/1.ply':
      'ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n1 2 3\n',
  });
  const dataset = await openFolders(root(), { testShare: 0 });
  const [normal, labelled, unlabelled] = dataset.samples();
  expect(Array.from((await normal.load()).pointLabels ?? [])).toEqual([0]);
  expect(Array.from((await labelled.load()).pointLabels ?? [])).toEqual([1, 0]);
  expect((await unlabelled.load()).pointLabels).toBeUndefined();
});

test('stray files, missing masks and masks of nothing are reported', async () => {
  await writeFiles(root(), {
    ...pictures(1),
    'normal/film.mp4': '',
    'anomalous/0.png': rgbPng(),
    'masks/7.png': maskPng([]),
  });
  const { ok, problems } = await (await openFolders(root())).verify();
  expect(ok).toBe(true);
  expect(problems.map(({ message }) => message)).toEqual([
    'neither an image nor a cloud, ignored',
    'has no file in masks',
    'belongs to no anomalous sample, ignored',
  ]);
});

test('folders that contradict each other are errors, and what they would mix up is ignored', async () => {
  await writeFiles(root(), {
    'bolt/normal/0.png': rgbPng(),
    'bolt/test/normal/0.png': rgbPng(),
    'bolt/test/anomalous/good/1.png': rgbPng(),
  });
  const dataset = await openFolders(root());
  expect(dataset.samples().map(({ id }) => id)).toEqual(['bolt/test/good/0']);
  expect((await dataset.verify()).problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
    'bolt/anomalous/good: a folder called good among the anomalous ones, ignored',
    'bolt: has normal or anomalous both beside and below its splits; those beside are ignored',
  ]);
});

test('a share outside of [0, 1) is refused', async () => {
  await expect(openFolders(root(), { testShare: 1 })).rejects.toThrow(ArgumentError);
});
