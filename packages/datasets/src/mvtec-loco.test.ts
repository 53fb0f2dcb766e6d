import { expect, test } from 'vitest';
import { openMvtecLoco } from './mvtec-loco.js';
import { buildPng } from './testing/png.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { rgbPng, width, writeFiles } from './testing/tiny-files.js';
import { locoFiles } from './testing/tiny-layouts.js';

const root = useTemporaryRoot();

test('the mask of an image is the union of all its masks, whatever their values', async () => {
  await writeFiles(root(), locoFiles('pushpins'));
  const dataset = await openMvtecLoco(root());
  expect(dataset.samples({ split: 'test' }).map(({ id }) => id)).toEqual([
    'pushpins/test/good/000',
    'pushpins/test/logical_anomalies/000',
    'pushpins/test/structural_anomalies/000',
  ]);
  expect(dataset.samples({ split: 'validation' })).toHaveLength(1);
  const [logical, structural] = dataset.samples({ label: 1 });
  const marked = async (sample: typeof logical) =>
    Array.from((await sample.loadMask()).data).flatMap((value, i) => (value === 1 ? [i] : []));
  expect(await marked(logical)).toEqual([1, 3 * width + 4]);
  expect(await marked(structural)).toEqual([2 * width + 2]);
});

test('a class of its own is sound; broken, missing and unequal masks are all reported', async () => {
  await writeFiles(root(), locoFiles('tray'));
  expect(await (await openMvtecLoco(root())).verify()).toMatchObject({ ok: true, problems: [] });
  const truth = 'tray/ground_truth/logical_anomalies';
  await writeFiles(root(), {
    [`${truth}/000/001.png`]: buildPng({ width: 2, depth: 8, samples: [1, 1] }),
    'tray/test/logical_anomalies/001.png': rgbPng(),
    [`${truth}/001/000.png`]: 'broken',
    'tray/test/logical_anomalies/002.png': rgbPng(),
  });
  const { problems } = await (await openMvtecLoco(root())).verify();
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/masks of one image: expected \[4, 5\] as the first, got \[1, 2\]/),
    expect.stringMatching(/001.000\.png: cannot be read/),
    expect.stringMatching(
      /002\.png: the anomalous image has no mask in tray\/ground_truth\/logical_anomalies/,
    ),
  ]);
});
