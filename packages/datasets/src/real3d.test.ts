import { expect, test } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { openReal3d } from './real3d.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { writeFiles } from './testing/tiny-files.js';
import { asciiPcd, real3dFiles } from './testing/tiny-layouts.js';

const root = useTemporaryRoot();

test('every training cloud is listed, templates among the test scans are not, and the name gives the type', async () => {
  await writeFiles(root(), real3dFiles('duck'));
  const dataset = await openReal3d(root());
  expect(dataset.samples().map(({ id, label }) => [id, label])).toEqual([
    ['duck/train/good/1_template', 0],
    ['duck/train/good/2_prototype', 0],
    ['duck/test/good/105_good', 0],
    ['duck/test/bulge/106_bulge', 1],
    ['duck/test/sink_cut/107_sink_cut2', 1],
  ]);
  const [sample] = dataset.samples();
  expect(sample).toMatchObject({ unitScale: 0.001, parts: ['cloud', 'pointLabels'] });
});

test('points and labels of an anomalous scan come from its text file, not from its pcd', async () => {
  await writeFiles(root(), real3dFiles('duck'));
  const dataset = await openReal3d(root(), { centre: false });
  const [bulge, sink] = dataset.samples({ label: 1 });
  const { cloud, pointLabels, mask } = await bulge.load();
  expect(Array.from(cloud?.positions.data ?? [])).toEqual([3, 0, 0, 1, 0, 0]);
  expect(Array.from(pointLabels ?? [])).toEqual([1, 0]);
  expect(cloud?.labels).toEqual(pointLabels);
  expect(mask).toBeUndefined();
  expect((await sink.loadCloud()).positions.get(0, 0)).toBe(3); // scientific notation
});

test('clouds are centred, in millimetres, and labels of normal ones are zero', async () => {
  await writeFiles(root(), real3dFiles('duck'));
  const [sample] = (await openReal3d(root())).samples({ split: 'test', label: 0 });
  const { positions, labels } = await sample.loadCloud();
  expect(Array.from(positions.data)).toEqual([-1, -2, -3, 1, 2, 3]);
  expect(Array.from(labels ?? [])).toEqual([0, 0]);
});

test('a scan has no image and no mask, and the error says what it has', async () => {
  await writeFiles(root(), real3dFiles('duck'));
  const [sample] = (await openReal3d(root())).samples();
  await expect(sample.loadImage()).rejects.toThrow(DatasetError);
  await expect(sample.loadImage()).rejects.toThrow(
    /1_template: the sample has no image; it has cloud, pointLabels/,
  );
  await expect(sample.loadMask()).rejects.toThrow(/has no mask/);
});

test('verify finds missing and broken ground truth, broken and empty clouds, and text without a scan', async () => {
  const files = real3dFiles('figurine');
  delete files['figurine/gt/107_sink_cut2.txt'];
  await writeFiles(root(), {
    ...files,
    'figurine/train/1_template.pcd': 'VERSION 0.7\nFIELDS x y z\n',
    'figurine/train/2_prototype.pcd': asciiPcd([]),
    'figurine/gt/106_bulge.txt': '1 2 3\n',
    'figurine/test/108_bulge.pcd': asciiPcd([[1, 1, 1]]),
    'figurine/gt/108_bulge.txt': '1 2 3 0\n',
    'figurine/gt/109_sink.txt': '1 2 3 1\n',
    'figurine/README.md': '',
  });
  const { ok, problems } = await (await openReal3d(root())).verify();
  expect(ok).toBe(false);
  expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
    'figurine/test/sink/109_sink: has no pcd file, skipped',
    expect.stringMatching(/train\/good\/1_template: .*1_template\.pcd: cannot be read: PCD/),
    'figurine/train/good/2_prototype: the cloud holds no point',
    expect.stringMatching(/106_bulge\.txt: cannot be read: its fourth column is missing/),
    'figurine/test/bulge/108_bulge: the sample is anomalous, but none of its points is',
    expect.stringMatching(/107_sink_cut2\.pcd: the anomalous sample has no figurine\/gt\/107_sink_cut2\.txt/),
  ]);
});

test('published counts differ for chicken and shell', async () => {
  await writeFiles(root(), { ...real3dFiles('chicken'), ...real3dFiles('duck') });
  const text = (await openReal3d(root())).describe();
  expect(text).toMatch(/chicken: .*published: 4 train, 52 normal test, 54 anomalous test/);
  expect(text).toMatch(/duck: .*published: 4 train, 50 normal test, 50 anomalous test/);
});

test('clouds beyond the limit are refused', async () => {
  await writeFiles(root(), real3dFiles('duck'));
  const [, , normal] = (await openReal3d(root(), { limits: { maxPoints: 1 } })).samples();
  await expect(normal.load()).rejects.toThrow(/105_good\.pcd: cannot be read: .*raise maxPoints/);
});
