import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { openEyecandies } from './eyecandies.js';
import type { Sample } from './sample.js';
import { buildPng } from './testing/png.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { height, pointAt, truthPng, width, writeFiles } from './testing/tiny-files.js';
import { eyecandiesCopyFiles, eyecandiesFiles, maskPng } from './testing/tiny-layouts.js';

const root = useTemporaryRoot();

async function pointOf(sample: Sample, row: number, column: number): Promise<number[]> {
  const { xyz } = await sample.loadOrganised();
  return [0, 1, 2].map((axis) => xyz.get(row, column, axis));
}

test('labels and defect types come from the metadata and the masks; numbers keep their gaps', async () => {
  await writeFiles(root(), eyecandiesFiles('GummyBear'));
  const dataset = await openEyecandies(root());
  expect(dataset.name).toBe('eyecandies');
  expect(dataset.samples().map(({ id, label }) => [id, label])).toEqual([
    ['GummyBear/train/good/000', 0],
    ['GummyBear/train/good/001', 0],
    ['GummyBear/validation/good/000', 0],
    ['GummyBear/test/good/003', 0],
    ['GummyBear/test/bumps/007', 1],
    ['GummyBear/test/combined/012', 1],
  ]);
  expect(dataset.describe()).toContain('test_private not listed, it has no annotations: GummyBear');
});

test('without metadata the mask tells', async () => {
  const files = eyecandiesFiles('GummyBear');
  for (const path of Object.keys(files)) if (path.endsWith('metadata.yaml')) delete files[path];
  await writeFiles(root(), files);
  const samples = (await openEyecandies(root())).samples({ split: 'test' });
  expect(samples.map(({ defectType }) => defectType)).toEqual(['good', 'bumps', 'combined']);
});

test('depth is min + value / 65535 · (max − min) metres, beside the camera and its pose', async () => {
  await writeFiles(root(), eyecandiesFiles('GummyBear'));
  const [sample] = (await openEyecandies(root())).samples({ defectType: 'bumps' });
  expect(sample.parts).toEqual(['image', 'organised', 'depth', 'mask', 'camera']);
  const { depth, camera, mask, organised } = await sample.load();
  expect([depth?.get(2, 3), depth?.get(0, 0)]).toEqual([1.5, 0.5]);
  expect(camera).toMatchObject({ fx: 711.11, fy: 711.11, cx: width / 2, cy: height / 2, width, height });
  expect(Array.from(camera?.pose ?? [])).toEqual([1, 0, 0, 1, 0, 1, 0, 2, 0, 0, 1, 3, 0, 0, 0, 1]);
  expect([mask?.get(1, 2), mask?.get(0, 0)]).toEqual([1, 0]);
  expect(organised?.xyz.shape).toEqual([height, width, 3]);
});

test.each([
  ['inverse', -1],
  ['forward', 1],
  ['none', 0],
] as const)(
  'points with the pose %s are the camera frame shifted by %i times (1, 2, 3)',
  async (pose, times) => {
    await writeFiles(root(), eyecandiesFiles('GummyBear'));
    const [sample] = (await openEyecandies(root(), { pose })).samples();
    // Column 3, row 2 with the principal point (2.5, 2) at 1.5 m.
    const expected = [(0.5 * 1.5) / 711.11 + times, 2 * times, 1.5 + 3 * times];
    const point = await pointOf(sample, 2, 3);
    for (let axis = 0; axis < 3; axis++) expect(point[axis]).toBeCloseTo(expected[axis], 6);
  },
);

test('the full-size camera puts column 300, row 200 at 1.5 m where the specification says', async () => {
  const samples = new Array<number>(512 * 512).fill(0);
  samples[200 * 512 + 300] = 65535;
  const files = eyecandiesFiles('GummyBear');
  const path = 'GummyBear/train/data/000';
  await writeFiles(root(), { ...files, [`${path}_depth.png`]: wide(samples) });
  const [sample] = (await openEyecandies(root(), { pose: 'none' })).samples();
  const point = await pointOf(sample, 200, 300);
  for (const [axis, value] of [0.0928126, -0.1181252, 1.5].entries())
    expect(point[axis]).toBeCloseTo(value, 6);
});

/** 512 x 512, 16 bits. */
function wide(samples: readonly number[]): Uint8Array {
  return buildPng({ width: 512, depth: 16, samples });
}

test('the image is the left spot unless another light is wanted', async () => {
  await writeFiles(root(), eyecandiesFiles('GummyBear'));
  const blue = async (options = {}) => {
    const [sample] = (await openEyecandies(root(), options)).samples();
    return (await sample.loadImage()).get(0, 0, 2);
  };
  expect(await blue()).toBe(4);
  expect(await blue({ light: 0 })).toBe(0);
  await expect(openEyecandies(root(), { light: 6 as 5 })).rejects.toThrow(ArgumentError);
  await expect(openEyecandies(root(), { pose: 'backward' as 'none' })).rejects.toThrow(ArgumentError);
});

test('missing items skip a sample, broken ones are reported, all in one run', async () => {
  const files = eyecandiesFiles('Toffee');
  delete files['Toffee/train/data/000_depth.png'];
  delete files['Toffee/train/data/000_pose.txt'];
  await writeFiles(root(), {
    ...files,
    'Toffee/train/data/001_pose.txt': '1 0 0',
    'Toffee/test_public/data/12_pose.txt': '1 0 0 1 0 1 0 2 0 0 0 3 0 0 0 1',
    'Toffee/val/data/00_info_depth.yaml': 'normalization:\n  max: 0.1\n  min: 0.5\n',
    'Toffee/test_public/data/03_depth.png': maskPng([]),
    'Toffee/test_public/data/07_metadata.yaml': 'anomalous: perhaps\n',
    'Toffee/train/data/notes.txt': '',
  });
  const dataset = await openEyecandies(root());
  expect(dataset.skipped).toEqual([{ id: 'Toffee/train/*/000', missing: ['depth', 'pose'] }]);
  const { problems } = await dataset.verify();
  const messages = problems.map(({ message }) => message.replaceAll('\\', '/'));
  const expected = [
    /has no depth and no pose file/,
    /not an <index>_<item> file/,
    /07_metadata\.yaml: cannot be read: "anomalous" is not 0 or 1/,
    /001_pose\.txt: cannot be read: a pose is 16 numbers, this is 3 words/,
    /12_pose\.txt: cannot be read: .*a matrix that can be inverted/,
    /00_info_depth\.yaml: cannot be read: "normalization" has no numbers min ≤ max/,
    /03_depth\.png: cannot be read: it is not 16-bit grey/,
  ];
  for (const pattern of expected) expect(messages).toContainEqual(expect.stringMatching(pattern));
  expect(messages).toHaveLength(expected.length); // each broken file once, though three parts are made of it
});

test('the copy in the folders of MVTec 3D-AD has types good and bad and its background cleared', async () => {
  await writeFiles(root(), eyecandiesCopyFiles('GummyBear'));
  const dataset = await openEyecandies(root());
  expect(dataset.samples().map(({ id }) => id)).toEqual([
    'GummyBear/train/good/000',
    'GummyBear/test/good/003',
    'GummyBear/test/bad/007',
  ]);
  // The copy has no validation split, so none is missed.
  expect(dataset.describe()).toContain('(published: 1000 train, 25 normal test, 25 anomalous test)');
  const [sample] = dataset.samples({ label: 1 });
  expect((await sample.loadMask()).get(1, 2)).toBe(1);
  expect(await pointOf(sample, 2, 3)).toEqual(pointAt(2, 3));
  expect(pointAt(2, 0)).toEqual([0, 0.5, 0.5]); // one coordinate is 0: background
  expect(await pointOf(sample, 2, 0)).toEqual([0, 0, 0]);
});

test('an anomalous sample of the raw dataset without mask.png is an error when it is loaded', async () => {
  const files = eyecandiesFiles('GummyBear');
  delete files['GummyBear/test_public/data/07_mask.png'];
  await writeFiles(root(), { ...files, 'GummyBear/test_public/data/03_mask.png': truthPng() });
  const [sample] = (await openEyecandies(root())).samples({ defectType: 'bumps' });
  await expect(sample.load()).rejects.toThrow(/GummyBear\/test\/bumps\/007 has no mask\.png/);
});
