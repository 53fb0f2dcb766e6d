import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMvtec3d } from './mvtec3d.js';
import { createTemporaryFolder, rgbPng, truthPng, writeFiles, xyzTiff } from './testing/tiny-files.js';

let root: string;
beforeEach(async () => {
  root = await createTemporaryFolder();
});
afterEach(() => rm(root, { recursive: true, force: true }));

function gear(): Record<string, Uint8Array | string> {
  return {
    'gear/train/good/rgb/000.png': rgbPng(),
    'gear/train/good/xyz/000.tiff': xyzTiff(),
    'gear/test/good/rgb/000.png': rgbPng(),
    'gear/test/good/xyz/000.tiff': xyzTiff(),
    'gear/test/good/gt/000.png': truthPng(),
    'gear/test/dent/rgb/000.png': rgbPng(),
    'gear/test/dent/xyz/000.tiff': xyzTiff(),
    'gear/test/dent/gt/000.png': truthPng([[1, 1]]),
  };
}

test('a sound dataset with classes of its own has no problems', async () => {
  await writeFiles(root, gear());
  expect(await (await openMvtec3d(root)).verify()).toEqual({
    ok: true,
    checkedSamples: 3,
    counts: [{ className: 'gear', train: 1, validation: 0, testNormal: 1, testAnomalous: 1 }],
    problems: [],
  });
});

test('counts of the original classes are compared with the published ones', async () => {
  await writeFiles(root, {
    'bagel/train/good/rgb/000.png': rgbPng(),
    'bagel/train/good/xyz/000.tiff': xyzTiff(),
  });
  const { ok, problems } = await (await openMvtec3d(root)).verify();
  expect(ok).toBe(false);
  expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
    'bagel: 1 train samples, MVTec 3D-AD has 244',
    'bagel: 0 validation samples, MVTec 3D-AD has 22',
    'bagel: 0 normal test samples, MVTec 3D-AD has 22',
    'bagel: 0 anomalous test samples, MVTec 3D-AD has 88',
    `${root}: classes of MVTec 3D-AD that are not there: cable_gland, carrot, cookie, dowel, foam, peach, potato, rope, tire`,
  ]);
  const alone = await (await openMvtec3d(root, { classes: ['bagel'] })).verify();
  expect(alone.problems).toHaveLength(4); // who asks for one class does not miss the others
});

test('all problems are listed in one run', async () => {
  await writeFiles(root, {
    ...gear(),
    'gear/train/good/rgb/000.png': 'no PNG',
    'gear/train/good/xyz/000.tiff': 'no TIFF',
    'gear/train/good/rgb/001.png': rgbPng(),
    'gear/train/good/rgb/notes.txt': '',
    'gear/test/good/gt/000.png': truthPng([[0, 0]]),
    'gear/test/dent/xyz/000.tiff': xyzTiff({ rows: 3 }),
    'gear/test/dent/gt/000.png': truthPng(),
    'gear/test/hole/rgb/000.png': rgbPng(),
    'gear/test/hole/xyz/000.tiff': xyzTiff(),
    'gear/calibration/camera_parameters.json': '{',
  });
  const { ok, problems } = await (await openMvtec3d(root)).verify();
  expect(ok).toBe(false);
  const listed = problems.map(({ severity, where, message }) => `${severity} ${where}: ${message}`);
  const expected = [
    /^error gear\/train\/good\/001: has no xyz file/,
    /^warning gear\/train\/good\/rgb\/notes\.txt: not a \.png file/,
    /^error .*camera_parameters\.json: .*cannot be read/,
    /^error gear\/train\/good\/000: .*000\.tiff: cannot be read/,
    /^error gear\/train\/good\/000: .*000\.png: cannot be read/,
    /^warning gear\/test\/good\/000: the sample is normal, but its mask is not empty/,
    /^error gear\/test\/dent\/000: .*rgb.000\.png: is 4 x 5 pixels/,
    /^error gear\/test\/dent\/000: .*gt.000\.png: is 4 x 5 pixels/,
    /^warning gear\/test\/dent\/000: the sample is anomalous, but no pixel of its mask is/,
    /^error gear\/test\/hole\/000: .*has no mask/,
  ];
  for (const [i, pattern] of expected.entries()) expect(listed[i]).toMatch(pattern);
  expect(listed).toHaveLength(expected.length);
});

test('progress counts the samples, and an aborted check throws the reason', async () => {
  await writeFiles(root, gear());
  const dataset = await openMvtec3d(root);
  const controller = new AbortController();
  const seen: string[] = [];
  const checking = dataset.verify({
    signal: controller.signal,
    onProgress: ({ stage, done, total }) => {
      seen.push(`${stage} ${done}/${total}`);
      if (done === 2) controller.abort(new Error('enough'));
    },
  });
  await expect(checking).rejects.toThrow('enough');
  expect(seen).toEqual(['verify 1/3', 'verify 2/3']);
});
