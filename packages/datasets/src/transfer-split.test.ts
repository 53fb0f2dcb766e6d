import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { openMvtec3d } from './mvtec3d.js';
import { openReal3d } from './real3d.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { writeFiles } from './testing/tiny-files.js';
import { mvtec3dFiles, mvtecAdFiles, real3dFiles } from './testing/tiny-layouts.js';
import { crossDataset, oneVsRest } from './transfer-split.js';

const root = useTemporaryRoot();

test('one class is learned from its test split, the others are tested', async () => {
  await writeFiles(root(), { ...mvtec3dFiles('bagel'), ...mvtec3dFiles('carrot'), ...mvtec3dFiles('rope') });
  const { auxiliaryClass, train, test: rest } = oneVsRest(await openMvtec3d(root()), 'carrot');
  expect(auxiliaryClass).toBe('carrot');
  expect(train.map(({ id }) => id)).toEqual(['carrot/test/good/000', 'carrot/test/hole/000']);
  expect(rest.map(({ id }) => id)).toEqual([
    'bagel/test/good/000',
    'bagel/test/hole/000',
    'rope/test/good/000',
    'rope/test/hole/000',
  ]);
});

test('a class is learned, another dataset is tested with all its classes', async () => {
  await writeFiles(`${root()}/a`, mvtec3dFiles('carrot'));
  await writeFiles(`${root()}/b`, { ...real3dFiles('duck'), ...real3dFiles('shell') });
  const [source, target] = [await openMvtec3d(`${root()}/a`), await openReal3d(`${root()}/b`)];
  const split = crossDataset(source, 'carrot', target);
  expect(split.train).toHaveLength(2);
  expect(new Set(split.test.map(({ dataset, className }) => `${dataset} ${className}`))).toEqual(
    new Set(['real3d duck', 'real3d shell']),
  );
  expect(split.test.every((sample) => sample.split === 'test')).toBe(true);
});

test('splits that would test what was learned, or have nothing to learn or test, are refused', async () => {
  await writeFiles(`${root()}/one`, mvtec3dFiles('carrot'));
  const one = await openMvtec3d(`${root()}/one`);
  expect(() => oneVsRest(one, 'carrot')).toThrow(/test samples of other classes/);
  expect(() => oneVsRest(one, 'potato')).toThrow(DatasetError);
  expect(() => crossDataset(one, 'carrot', one)).toThrow(/another folder/);
  const { 'rope/test/good/rgb/000.png': _, ...withoutNormal } = mvtec3dFiles('rope');
  await writeFiles(`${root()}/two`, { ...withoutNormal, ...mvtecAdFiles('x') });
  const two = await openMvtec3d(`${root()}/two`);
  expect(() => oneVsRest(two, 'rope')).toThrow(ArgumentError);
  expect(() => oneVsRest(two, 'rope')).toThrow(/normal and anomalous.*1 test samples, all anomalous/);
});
