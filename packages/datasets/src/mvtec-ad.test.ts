import { symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { openMvtecAd } from './mvtec-ad.js';
import { buildPng } from './testing/png.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { height, rgbPng, width, writeFiles } from './testing/tiny-files.js';
import { maskPng, mvtecAdFiles, redJpeg } from './testing/tiny-layouts.js';

const root = useTemporaryRoot();

async function scratched() {
  const [sample] = (await openMvtecAd(root())).samples({ defectType: 'scratch' });
  return sample;
}

const scratchImage = 'screw/test/scratch/000.png';
const scratchMask = 'screw/ground_truth/scratch/000_mask.png';

test('images are listed by split and type, with a mask for every anomalous one', async () => {
  await writeFiles(root(), mvtecAdFiles('screw'));
  const dataset = await openMvtecAd(root());
  expect(dataset.name).toBe('mvtec-ad');
  expect(dataset.samples().map(({ id, label }) => [id, label])).toEqual([
    ['screw/train/good/000', 0],
    ['screw/train/good/001', 0],
    ['screw/test/good/000', 0],
    ['screw/test/scratch/000', 1],
  ]);
  const [sample] = dataset.samples({ label: 1 });
  expect(sample.parts).toEqual(['image', 'mask']);
  const { image, mask, warnings } = await sample.load();
  expect(image?.get(3, 4, 2)).toBe(3);
  expect([mask?.get(1, 2), mask?.get(2, 1)]).toEqual([1, 0]);
  expect(warnings).toEqual([]);
  expect((await dataset.samples()[0].loadMask()).shape).toEqual([height, width]);
});

test('a clean folder with a class of its own is sound, licences and read-me files included', async () => {
  await writeFiles(root(), mvtecAdFiles('my_part'));
  expect(await (await openMvtecAd(root())).verify()).toEqual({
    ok: true,
    checkedSamples: 4,
    counts: [{ className: 'my_part', train: 2, validation: 0, testNormal: 1, testAnomalous: 1 }],
    problems: [],
  });
});

test.each([
  ['1-bit', buildPng({ width, depth: 1, samples: cells(1) })],
  ['16-bit', buildPng({ width, depth: 16, samples: cells(1) })],
  [
    'palette',
    buildPng({ width, depth: 2, samples: cells(3), palette: [0, 0, 0, 9, 9, 9, 0, 0, 0, 1, 0, 0] }),
  ],
])('a %s mask marks the same pixel', async (_, file) => {
  await writeFiles(root(), { ...mvtecAdFiles('screw'), [scratchMask]: file });
  const mask = await (await scratched()).loadMask();
  expect(Array.from(mask.data)).toEqual(cells(1));
});

/** The value at row 1, column 2. */
function cells(value: number): number[] {
  return Array.from({ length: height * width }, (_, i) => (i === width + 2 ? value : 0));
}

test('grey, palette and 16-bit images become RGB', async () => {
  const files = {
    grey: buildPng({ width, depth: 8, samples: cells(200) }),
    deep: buildPng({ width, depth: 16, samples: cells(200 * 257 + 100) }),
    palette: buildPng({ width, depth: 1, samples: cells(1), palette: [0, 0, 0, 200, 200, 200] }),
  };
  for (const file of Object.values(files)) {
    await writeFiles(root(), { ...mvtecAdFiles('screw'), [scratchImage]: file });
    const image = await (await scratched()).loadImage();
    expect(image.shape).toEqual([height, width, 3]);
    expect([0, 1, 2].map((channel) => image.get(1, 2, channel))).toEqual([200, 200, 200]);
  }
});

test('endings in upper case, JPEG images and masks without _mask are read, as copies of VisA have them', async () => {
  await writeFiles(root(), {
    'candle/train/good/0000.JPG': redJpeg,
    'candle/test/bad/000.JPG': redJpeg,
    'candle/ground_truth/bad/000.PNG': maskPng([[0, 0]]),
  });
  const [sample] = (await openMvtecAd(root())).samples({ label: 1 });
  const { image, mask } = await sample.load();
  expect(image?.get(0, 0, 0)).toBeGreaterThan(180);
  expect(image?.get(0, 0, 1)).toBeLessThan(60);
  expect(mask?.get(0, 0)).toBe(1);
});

test('images of different size in a class are fine; an image and its mask must agree', async () => {
  const small = buildPng({ width: 2, depth: 8, samples: [1, 2, 3, 4] });
  await writeFiles(root(), { ...mvtecAdFiles('my_part'), 'my_part/train/good/001.png': small });
  expect((await (await openMvtecAd(root())).verify()).ok).toBe(true);
  await writeFiles(root(), { 'my_part/test/scratch/000.png': small });
  await expect((await scratched()).load()).rejects.toThrow(/000_mask\.png: is 4 x 5 pixels.*2 x 2/);
});

test('verify lists every kind of problem at once', async () => {
  await writeFiles(root(), {
    ...mvtecAdFiles('my_part'),
    'my_part/train/good/.DS_Store': 'x',
    'my_part/train/good/Thumbs.db': 'x',
    'my_part/train/good/LICENSE': 'x',
    'my_part/train/good/000.png': 'broken',
    'my_part/train/good/002.png': '',
    'my_part/train/good/001.jpg': redJpeg,
    'my_part/test/dent/003.png': rgbPng(),
    'my_part/test/scratch/001.png': rgbPng(),
    'my_part/ground_truth/scratch/001_mask.png': maskPng([]),
    'my_part/ground_truth/scratch/777_mask.png': maskPng([]),
  });
  await unlink(join(root(), 'my_part/test/good/000.png')); // leaves an empty folder
  const { ok, problems } = await (await openMvtecAd(root())).verify();
  expect(ok).toBe(false);
  const listed = problems.map(({ severity, where, message }) => `${severity} ${where}: ${message}`);
  const expected = [
    /^error my_part\/test\/scratch\/777: has no image file/,
    /^warning my_part\/train\/good\/LICENSE: not a \.png or \.jpg/,
    /^warning my_part\/train\/good\/001\.png: second file for 001|^warning .*001\.jpg: second/,
    /^warning my_part\/test\/good: the folder is empty/,
    /^error my_part\/train\/good\/000: .*000\.png: cannot be read/,
    /^error my_part\/train\/good\/002: .*002\.png: cannot be read/,
    /^error my_part\/test\/dent\/003: .*has no mask in my_part\/ground_truth\/dent/,
    /^warning my_part\/test\/scratch\/001: .*no pixel of its mask/,
  ];
  for (const pattern of expected)
    expect(
      listed.some((line) => pattern.test(line)),
      String(pattern),
    ).toBe(true);
  expect(listed.filter((line) => !expected.some((pattern) => pattern.test(line)))).toEqual([]);
});

test('what is missing from the published dataset is described and verified', async () => {
  await writeFiles(root(), mvtecAdFiles('screw'));
  const dataset = await openMvtecAd(root());
  const text = dataset.describe();
  expect(text).toContain(
    'screw: 2 train, 0 validation, 1 normal and 1 anomalous test (published: 320 train,',
  );
  expect(text).toContain('missing classes: bottle, cable,');
  const { problems } = await dataset.verify();
  expect(problems.map(({ message }) => message)).toContain('1 anomalous test samples, MVTec AD has 119');
});

test('a link that leads out of the folder is refused', async () => {
  await writeFiles(root(), { ...mvtecAdFiles('inside/screw'), 'secret.png': rgbPng() });
  await symlink(join(root(), 'secret.png'), join(root(), 'inside/screw/train/good/900.png'));
  await expect(openMvtecAd(join(root(), 'inside'))).rejects.toThrow(DatasetError);
  await expect(openMvtecAd(join(root(), 'inside'))).rejects.toThrow(/900\.png: is a link to .*outside/);
});

test('files larger than the limits are refused, and the message says which limit', async () => {
  await writeFiles(root(), mvtecAdFiles('screw'));
  const [small] = (await openMvtecAd(root(), { limits: { maxFileBytes: 10 } })).samples();
  await expect(small.load()).rejects.toThrow(/the limit is 10; raise limits\.maxFileBytes/);
  const [few] = (await openMvtecAd(root(), { limits: { maxPixels: 19 } })).samples();
  await expect(few.load()).rejects.toThrow(/more than 19 pixels/);
});
