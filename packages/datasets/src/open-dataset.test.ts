import { expect, test } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { openMvtecAd } from './mvtec-ad.js';
import { openDataset } from './open-dataset.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { rgbPng, writeFiles } from './testing/tiny-files.js';
import {
  eyecandiesCopyFiles,
  eyecandiesFiles,
  type Files,
  locoFiles,
  mvtec3dFiles,
  mvtecAdFiles,
  real3dFiles,
  shapenetFiles,
  visaFiles,
} from './testing/tiny-layouts.js';

const root = useTemporaryRoot();

const layouts: readonly (readonly [name: string, what: string, files: Files])[] = [
  ['mvtec3d', 'published class', mvtec3dFiles('bagel')],
  ['mvtec3d', 'own class', mvtec3dFiles('gear')],
  ['eyecandies', 'raw', eyecandiesFiles('Lollipop')],
  ['eyecandies', 'copy', eyecandiesCopyFiles('Lollipop')],
  ['real3d', 'published class', real3dFiles('shell')],
  ['real3d', 'own class', real3dFiles('figurine')],
  ['anomaly-shapenet', 'classes', shapenetFiles('cup1')],
  ['anomaly-shapenet', 'own class', shapenetFiles('teapot0')],
  ['mvtec-ad', 'published class', mvtecAdFiles('wood')],
  ['mvtec-ad', 'own class', mvtecAdFiles('gear')],
  ['mvtec-loco', 'published class', locoFiles('pushpins')],
  ['mvtec-loco', 'own class', locoFiles('tray')],
  ['visa', 'split files', visaFiles('pcb1')],
  ['visa', 'copy', mvtecAdFiles('pcb1')],
  ['folders', 'one class', { 'normal/0.png': rgbPng() }],
  ['folders', 'classes', { 'a/normal/0.png': rgbPng(), 'a/anomalous/0.png': rgbPng() }],
  ['folders', 'splits', { 'train/normal/0.png': rgbPng(), 'test/normal/0.png': rgbPng() }],
];

test.each(layouts)('%s (%s) is recognised, and every sample of it loads', async (name, _, files) => {
  await writeFiles(root(), files);
  const dataset = await openDataset(root());
  expect(dataset.name).toBe(name);
  expect(dataset.samples().length).toBeGreaterThan(0);
  for (const sample of dataset.samples()) {
    const data = await sample.load();
    expect(Object.keys(data).sort()).toEqual([...sample.parts, 'warnings'].sort());
  }
});

test('a folder that is none of them is an error that lists all that was looked for', async () => {
  await writeFiles(root(), { 'holiday/beach.jpg': '' });
  await expect(openDataset(root())).rejects.toThrow(DatasetError);
  await expect(openDataset(root())).rejects.toThrow(
    /looked for\s+MVTec 3D-AD: <class>(.|\n)*VisA: split_csv(.|\n)*plain folders: .*found holiday/,
  );
  await expect(openDataset(`${root()}/nowhere`)).rejects.toThrow(/no such folder/);
});

test('a dataset opened as another one is recognised by the error, and so is the folder above', async () => {
  await writeFiles(root(), mvtec3dFiles('below/bagel'));
  await expect(openMvtecAd(`${root()}/below`)).rejects.toThrow(/layout of mvtec3d, use openMvtec3d/);
  await expect(openDataset(root())).rejects.toThrow(/one level deeper, pass .*below/);
  await expect(openDataset(`${root()}/below/bagel`)).rejects.toThrow(/folder of one class, pass its parent/);
});
