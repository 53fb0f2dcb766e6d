import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { openMvtec3d } from './mvtec3d.js';
import {
  createTemporaryFolder,
  height,
  pointAt,
  rgbPng,
  truthPng,
  width,
  writeFiles,
  xyzTiff,
} from './testing/tiny-files.js';

let root: string;
beforeEach(async () => {
  root = await createTemporaryFolder();
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Two samples per folder, as downloaded. */
function bagel(): Record<string, Uint8Array | string> {
  return {
    'bagel/train/good/rgb/000.png': rgbPng(),
    'bagel/train/good/xyz/000.tiff': xyzTiff(),
    'bagel/train/good/rgb/001.png': rgbPng(),
    'bagel/train/good/xyz/001.tiff': xyzTiff(),
    'bagel/validation/good/rgb/000.png': rgbPng(),
    'bagel/validation/good/xyz/000.tiff': xyzTiff(),
    'bagel/test/good/rgb/000.png': rgbPng(),
    'bagel/test/good/xyz/000.tiff': xyzTiff(),
    'bagel/test/good/gt/000.png': truthPng(),
    'bagel/test/crack/rgb/000.png': rgbPng(7),
    'bagel/test/crack/xyz/000.tiff': xyzTiff(),
    'bagel/test/crack/gt/000.png': truthPng([
      [1, 2],
      [3, 4],
    ]),
  };
}

async function idsOf(path = root): Promise<string[]> {
  return (await openMvtec3d(path)).samples().map(({ id }) => id);
}

async function loadOnly(filter: { defectType?: string } = {}) {
  const [sample] = (await openMvtec3d(root)).samples({ split: 'test', ...filter });
  return sample.load();
}

async function problemOf(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatasetError);
  return (error as DatasetError).message;
}

test('samples come by class, split, defect type with good first, and stem', async () => {
  await writeFiles(root, {
    ...bagel(),
    'apple/test/zigzag/rgb/9.png': rgbPng(),
    'apple/test/zigzag/xyz/9.tiff': xyzTiff(),
    'apple/test/zigzag/rgb/10.png': rgbPng(),
    'apple/test/zigzag/xyz/10.tiff': xyzTiff(),
    'apple/test/Bump/rgb/0.png': rgbPng(),
    'apple/test/Bump/xyz/0.tiff': xyzTiff(),
    'apple/test/good/rgb/0.png': rgbPng(),
    'apple/test/good/xyz/0.tiff': xyzTiff(),
  });
  expect(await idsOf()).toEqual([
    'apple/test/good/0',
    'apple/test/Bump/0',
    'apple/test/zigzag/10', // by code unit, not by number
    'apple/test/zigzag/9',
    'bagel/train/good/000',
    'bagel/train/good/001',
    'bagel/validation/good/000',
    'bagel/test/good/000',
    'bagel/test/crack/000',
  ]);
});

test('class, split, type and label come from the folders', async () => {
  await writeFiles(root, bagel());
  const dataset = await openMvtec3d(root);
  expect(dataset.classes).toEqual(['bagel']);
  const [sample] = dataset.samples({ label: 1 });
  expect(sample).toMatchObject({
    id: 'bagel/test/crack/000',
    dataset: 'mvtec3d',
    className: 'bagel',
    split: 'test',
    defectType: 'crack',
    label: 1,
    unitScale: 1,
  });
  expect(dataset.samples({ split: 'train' }).map(({ label }) => label)).toEqual([0, 0]);
  expect(dataset.samples({ className: 'bagel', split: 'test', defectType: 'good' })).toHaveLength(1);
  expect(dataset.samples({ defectType: 'hole' })).toEqual([]);
});

test('a scan is loaded with its image, its mask and its missing points', async () => {
  await writeFiles(root, bagel());
  const { image, organised, mask, camera, warnings } = await loadOnly({ defectType: 'crack' });
  expect(image?.shape).toEqual([height, width, 3]);
  expect([0, 1, 2].map((channel) => image?.get(3, 4, channel))).toEqual([30, 40, 7]);
  expect(organised?.xyz.shape).toEqual([height, width, 3]);
  expect([0, 1, 2].map((axis) => organised?.xyz.get(0, 0, axis))).toEqual([0, 0, 0]);
  expect([0, 1, 2].map((axis) => organised?.xyz.get(2, 3, axis))).toEqual(pointAt(2, 3));
  expect(mask?.shape).toEqual([height, width]);
  const anomalous = Array.from(mask?.data ?? []).flatMap((value, i) => (value === 1 ? [i] : []));
  expect(anomalous).toEqual([1 * width + 2, 3 * width + 4]);
  expect(camera).toBeUndefined();
  expect(warnings).toEqual([]);
});

test('files are read when a sample is loaded, not when the dataset is opened', async () => {
  await writeFiles(root, { ...bagel(), 'bagel/test/crack/xyz/000.tiff': 'no TIFF' });
  const dataset = await openMvtec3d(root);
  const [sample] = dataset.samples({ defectType: 'crack' });
  await expect(sample.load()).rejects.toThrow(/crack.xyz.000\.tiff: cannot be read: .*unpack or download/);
});

test('a sample that is loaded again comes from the cache, unless nothing is to be kept', async () => {
  await writeFiles(root, bagel());
  const [kept] = (await openMvtec3d(root)).samples();
  expect((await kept.load()).image).toBe((await kept.load()).image);
  expect(await kept.loadImage()).toBe((await kept.load()).image);
  const [fresh] = (await openMvtec3d(root, { cacheBytes: 0 })).samples();
  expect((await fresh.load()).image).not.toBe((await fresh.load()).image);
});

test('big-endian and float64 scans hold the same points', async () => {
  for (const options of [{ littleEndian: false }, { bits: 64 }, { littleEndian: false, bits: 64 }]) {
    await writeFiles(root, { ...bagel(), 'bagel/test/crack/xyz/000.tiff': xyzTiff(options) });
    const { organised } = await loadOnly({ defectType: 'crack' });
    expect([0, 1, 2].map((axis) => organised?.xyz.get(3, 4, axis))).toEqual(pointAt(3, 4));
  }
});

test('a stem without an xyz or rgb file is skipped and reported, and the others are paired by stem', async () => {
  await writeFiles(root, {
    'rope/test/cut/rgb/000.png': rgbPng(),
    'rope/test/cut/rgb/004.png': rgbPng(44), // numbers have gaps
    'rope/test/cut/xyz/004.tiff': xyzTiff(),
    'rope/test/cut/xyz/007.tiff': xyzTiff(),
    'rope/test/cut/gt/004.png': truthPng([[0, 1]]),
    'rope/test/cut/gt/009.png': truthPng([[0, 1]]),
  });
  const dataset = await openMvtec3d(root);
  expect(dataset.samples().map(({ id }) => id)).toEqual(['rope/test/cut/004']);
  expect(dataset.skipped).toEqual([
    { id: 'rope/test/cut/000', missing: ['xyz'] },
    { id: 'rope/test/cut/007', missing: ['rgb'] },
    { id: 'rope/test/cut/009', missing: ['rgb', 'xyz'] },
  ]);
  expect((await loadOnly()).image?.get(0, 0, 2)).toBe(44);
  expect(dataset.describe()).toContain('3 samples skipped');
});

test('endings may be in upper case, and xyz files may end in tif', async () => {
  await writeFiles(root, {
    'tire/test/hole/rgb/000.PNG': rgbPng(),
    'tire/test/hole/xyz/000.Tif': xyzTiff(),
    'tire/test/hole/gt/000.Png': truthPng([[2, 2]]),
  });
  expect((await loadOnly()).mask?.get(2, 2)).toBe(1);
});

test('clutter of operating systems and foreign folders are no samples', async () => {
  await writeFiles(root, {
    ...bagel(),
    '__MACOSX/bagel/train/good/rgb/000.png': '',
    '.hidden/train/good/rgb/000.png': '',
    'readme.txt': '',
    'figures/plot.png': '',
    'bagel/class_ids.json': '{}',
    'bagel/train/good/rgb/._000.png': '',
    'bagel/train/good/xyz/.DS_Store': '',
    'bagel/train/good/xyz/Thumbs.db': '',
    'bagel/test/__MACOSX/rgb/000.png': '',
  });
  const dataset = await openMvtec3d(root);
  expect(dataset.classes).toEqual(['bagel']);
  expect(dataset.samples()).toHaveLength(5);
  expect(dataset.skipped).toEqual([]);
});

test('a normal sample has an all-zero mask whether its file is zero, missing, or marks something', async () => {
  for (const truth of [truthPng(), undefined, truthPng([[1, 1]])]) {
    await rm(join(root, 'bagel'), { recursive: true, force: true });
    const files = bagel();
    delete files['bagel/test/good/gt/000.png'];
    await writeFiles(root, truth ? { ...files, 'bagel/test/good/gt/000.png': truth } : files);
    const { mask } = await loadOnly({ defectType: 'good' });
    expect(mask?.shape).toEqual([height, width]);
    expect(Array.from(mask?.data ?? [])).toEqual(new Array(height * width).fill(0));
  }
});

test('mask files of the training split are ignored', async () => {
  await writeFiles(root, {
    ...bagel(),
    'bagel/train/good/gt/000.png': 'no PNG',
    'bagel/train/good/gt/777.png': '',
  });
  const dataset = await openMvtec3d(root);
  expect(dataset.skipped).toEqual([]);
  expect((await dataset.samples()[0].load()).mask?.get(0, 0)).toBe(0);
});

test('an anomalous sample without a mask file is listed, and an error when it is loaded', async () => {
  const files = bagel();
  delete files['bagel/test/crack/gt/000.png'];
  await writeFiles(root, files);
  expect(await idsOf()).toContain('bagel/test/crack/000');
  await expect(loadOnly({ defectType: 'crack' })).rejects.toThrow(/bagel\/test\/crack\/000 has no mask/);
});

test('an empty mask of an anomalous sample is a warning, and the label stays 1', async () => {
  await writeFiles(root, { ...bagel(), 'bagel/test/crack/gt/000.png': truthPng() });
  const [sample] = (await openMvtec3d(root)).samples({ defectType: 'crack' });
  expect(sample.label).toBe(1);
  expect((await sample.load()).warnings).toEqual(['the sample is anomalous, but no pixel of its mask is']);
});

test('files of one sample that differ in size are an error that names the file and both sizes', async () => {
  await writeFiles(root, { ...bagel(), 'bagel/test/crack/xyz/000.tiff': xyzTiff({ rows: 3 }) });
  await expect(loadOnly({ defectType: 'crack' })).rejects.toThrow(
    /rgb.000\.png: is 4 x 5 pixels.*3 x 5.*preprocessed/,
  );
});

test('the camera has the focal lengths of the sensor in pixels', async () => {
  const parameters = {
    camera_type: 'area_scan_division',
    focus: 0.0103431,
    kappa: -2205.03,
    sx: 3.74983e-6,
    sy: 3.75e-6,
    cx: 376.046,
    cy: 423.07,
    image_width: 600,
    image_height: 800,
  };
  const path = 'bagel/calibration/camera_parameters.json';
  await writeFiles(root, { ...bagel(), [path]: JSON.stringify(parameters) });
  const { camera } = await loadOnly();
  expect(camera?.fx).toBeCloseTo(2758.285, 3); // 0.0103431 / 3.74983e-6
  expect(camera?.fy).toBeCloseTo(2758.16, 3);
  expect(camera).toMatchObject({ cx: 376.046, cy: 423.07, width: 600, height: 800 });
  expect(camera?.distortion?.kappa).toBe(-2205.03);

  await writeFiles(root, { [path]: '{"focus": 0.01}' });
  await expect(loadOnly()).rejects.toThrow(/camera_parameters\.json: cannot be read: "sx" is missing/);
});

test('only the wanted classes are listed', async () => {
  await writeFiles(root, {
    ...bagel(),
    'rope/train/good/rgb/0.png': rgbPng(),
    'rope/train/good/xyz/0.tiff': xyzTiff(),
  });
  const dataset = await openMvtec3d(root, { classes: ['rope'] });
  expect(dataset.classes).toEqual(['rope']);
  expect(dataset.samples().map(({ id }) => id)).toEqual(['rope/train/good/0']);
});

test('a class that does not exist is an error that lists those that do', async () => {
  await writeFiles(root, bagel());
  expect(await problemOf(openMvtec3d(root, { classes: ['../bagel'] }))).toMatch(
    /no class "\.\.\/bagel"; it has bagel/,
  );
  const dataset = await openMvtec3d(root);
  expect(() => dataset.samples({ className: 'Bagel' })).toThrow(DatasetError);
});

test('a folder that does not exist, a file, and an empty folder are errors that say what was looked for', async () => {
  expect(await problemOf(openMvtec3d(join(root, 'nowhere')))).toMatch(
    /no such folder.*<class>\/test\/<type>/,
  );
  await writeFiles(root, { 'mvtec.tar.xz': '' });
  expect(await problemOf(openMvtec3d(join(root, 'mvtec.tar.xz')))).toMatch(/is a file; unpack/);
  expect(await problemOf(openMvtec3d(root))).toMatch(/looked for <class>.*found mvtec\.tar\.xz/);
  await rm(join(root, 'mvtec.tar.xz'));
  expect(await problemOf(openMvtec3d(root))).toMatch(/found an empty folder/);
});

test('the folder of one class, and the folder above the dataset, are recognised', async () => {
  await writeFiles(root, bagel());
  expect(await problemOf(openMvtec3d(join(root, 'bagel')))).toMatch(/folder of one class, pass its parent/);
  await rm(join(root, 'bagel'), { recursive: true });
  await writeFiles(join(root, 'download'), bagel());
  expect(await problemOf(openMvtec3d(root))).toMatch(/one level deeper, pass .*download$/);
});

test('the dataset without depth is recognised', async () => {
  await writeFiles(root, { 'bottle/train/good/000.png': rgbPng(), 'bottle/test/broken/000.png': rgbPng() });
  expect(await problemOf(openMvtec3d(root))).toMatch(/layout of mvtec-ad, use openMvtecAd/);
});

test('links are followed inside the dataset and refused where they lead out of it', async () => {
  const dataset = join(root, 'dataset');
  await writeFiles(dataset, bagel());
  await symlink(join(dataset, 'bagel'), join(dataset, 'roll'));
  expect((await openMvtec3d(dataset)).classes).toEqual(['bagel', 'roll']);

  await symlink(dataset, join(root, 'linked'));
  expect(await idsOf(join(root, 'linked'))).toHaveLength(10); // the root itself may be a link

  await mkdir(join(root, 'dataset-2'));
  await symlink(join(root, 'dataset-2'), join(dataset, 'bagel', 'test', 'hole')); // same prefix, other folder
  expect(await problemOf(openMvtec3d(dataset))).toMatch(
    /hole: is a link to .*dataset-2, outside of the dataset/,
  );
  await rm(join(dataset, 'bagel', 'test', 'hole'));
  await symlink('/nowhere', join(dataset, 'bagel', 'train', 'good', 'rgb', '002.png'));
  expect(await problemOf(openMvtec3d(dataset))).toMatch(/002\.png: is a link that points nowhere/);
});

test('the description counts the samples and names the licence of the original once', async () => {
  await writeFiles(root, bagel());
  const description = (await openMvtec3d(root)).describe();
  expect(description).toContain('bagel: 2 train, 1 validation, 1 normal and 1 anomalous test');
  expect(description.match(/CC BY-NC-SA 4\.0/g)).toHaveLength(1);
});

test('the licence of the original is not claimed for other data in its layout', async () => {
  await writeFiles(root, { 'gear/train/good/rgb/0.png': rgbPng(), 'gear/train/good/xyz/0.tiff': xyzTiff() });
  expect((await openMvtec3d(root)).describe()).not.toContain('CC BY');
});
