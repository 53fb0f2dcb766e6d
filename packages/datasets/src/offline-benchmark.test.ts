import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgumentError } from '@anomclip/core';
import { defectTypesOf, objectCategories } from '@anomclip/synth/objects';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { folderChecksum } from './folder-checksum.js';
import { openMvtecAd } from './mvtec-ad.js';
import { openMvtec3d } from './mvtec3d.js';
import {
  type OfflineBenchmarkOptions,
  readOfflineDatasheet,
  writeOfflineBenchmark,
} from './offline-benchmark.js';
import { createTemporaryFolder, writeFiles } from './testing/tiny-files.js';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await createTemporaryFolder();
  folder = join(root, 'benchmark');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const [first, second] = objectCategories;
const tiny: OfflineBenchmarkOptions = { categories: [first], height: 32, width: 40 };

/** Path → SHA-256 of every file below a folder. */
async function hashes(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const pairs = files.sort().map(async (file) => {
    const hash = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return [file.slice(path.length + 1), hash] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

test('the same seed gives the same files byte for byte, another seed gives others', async () => {
  await writeOfflineBenchmark(folder, 7, tiny);
  await writeOfflineBenchmark(join(root, 'again'), 7, tiny);
  await writeOfflineBenchmark(join(root, 'other'), 8, tiny);
  const [written, again, other] = await Promise.all(
    ['benchmark', 'again', 'other'].map((name) => hashes(join(root, name))),
  );
  expect(again).toEqual(written);
  expect(Object.keys(other)).toEqual(Object.keys(written));
  const scan = `${first}/train/good/xyz/000.tiff`;
  expect(written[scan]).toMatch(/^[0-9a-f]{64}$/);
  expect(other[scan]).not.toBe(written[scan]);
});

test.each([
  ['mvtec3d', '200ee1628163a9a45032e2d997750a13e8e49a3cd00a03c7b17eebb369e85693'],
  ['mvtec-ad', '06d5446b9f41d48c5b2c36b8f2c41930875e1c8615e5427c3c4458f1d260a843'],
] as const)('version 2 has these bytes in the layout %s on every machine', async (layout, checksum) => {
  const written = await writeOfflineBenchmark(folder, 7, { ...tiny, layout });
  expect(written.version).toBe(2);
  // Whoever changes a byte raises the version, and then these.
  expect(written.checksum).toBe(checksum);
  expect(await folderChecksum(folder)).toBe(checksum);
});

test('the measures of a defect are those of its files', async () => {
  const { defects } = await writeOfflineBenchmark(folder, 7, tiny);
  for (const sample of (await openMvtec3d(folder)).samples({ label: 1 })) {
    const mask = await sample.loadMask();
    const marked = mask?.data.filter((value) => value === 1).length ?? 0;
    const measures = defects[sample.id];
    expect(measures.area).toBeCloseTo(marked / (32 * 40), 4);
    expect(measures.contrast).toBeGreaterThan(0);
    if (sample.defectType === 'stain') expect(measures.depth).toBe(0);
  }
});

test('a scan does not depend on which other categories are written', async () => {
  await writeOfflineBenchmark(folder, 7, { ...tiny, categories: [second] });
  await writeOfflineBenchmark(join(root, 'both'), 7, { ...tiny, categories: [first, second] });
  const alone = await hashes(join(folder, second));
  expect(await hashes(join(root, 'both', second))).toEqual(alone);
});

test('it is a sound dataset with 10 train, 2 validation, 8 normal and 2 scans per defect in the test split', async () => {
  await writeOfflineBenchmark(folder, 7, tiny);
  const dataset = await openMvtec3d(folder);
  const { ok, problems, counts } = await dataset.verify();
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(ok).toBe(true);
  const defects = defectTypesOf(first).length;
  expect(counts).toEqual([
    { className: first, train: 10, validation: 2, testNormal: 8, testAnomalous: 2 * defects },
  ]);
  expect(new Set(dataset.samples({ label: 1 }).map(({ defectType }) => defectType)).size).toBe(defects);
  const { organised } = await dataset.samples()[0].load();
  expect(organised?.xyz.shape).toEqual([32, 40, 3]);
});

test('in the layout of MVTec AD it has the same images and masks, without points and validation', async () => {
  await writeOfflineBenchmark(folder, 7, { ...tiny, layout: 'mvtec-ad' });
  await writeOfflineBenchmark(join(root, 'scans'), 7, tiny);
  const [images, scans] = [await openMvtecAd(folder), await openMvtec3d(join(root, 'scans'))];
  expect(await images.verify()).toMatchObject({ ok: true, problems: [] });
  expect(images.samples().map(({ id }) => id)).toEqual(
    scans.samples().flatMap(({ id, split }) => (split === 'validation' ? [] : id)),
  );
  for (const label of [0, 1] as const) {
    const [picture] = images.samples({ label, split: 'test' });
    const [scan] = scans.samples({ label, split: 'test' });
    expect(await picture.loadImage()).toEqual(await scan.loadImage());
    expect(await picture.loadMask()).toEqual(await scan.loadMask());
  }
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('ground_truth/<type>/NNN_mask.png');
  const layout = 'visa' as 'mvtec-ad';
  await expect(writeOfflineBenchmark(folder, 7, { ...tiny, layout })).rejects.toThrow(ArgumentError);
});

test('severities are spread over the whole range, in every part of it', async () => {
  const { defects } = await writeOfflineBenchmark(folder, 7, tiny);
  const sorted = Object.values(defects)
    .map(({ severity }) => severity)
    .sort((a, b) => a - b);
  const gaps = [0, ...sorted].map((value, i) => (sorted[i] ?? 1) - value);
  // Multiples of the golden ratio leave at most three gap lengths; the largest is below 2.62 / n.
  expect(Math.max(...gaps)).toBeLessThan(2.62 / sorted.length);
});

test('the datasheet says how to make it again and what is in it, and the README says so to people', async () => {
  const datasheet = await writeOfflineBenchmark(folder, 'a seed', tiny);
  expect((await stat(folder)).mode & 0o777).toBe(0o777 & ~process.umask());
  expect(datasheet).toMatchObject({ version: 2, seed: 'a seed', height: 32, width: 40 });
  expect(datasheet.counts[first]).toMatchObject({ train: 10, validation: 2, test: { good: 8 } });
  expect(await readOfflineDatasheet(folder)).toEqual(datasheet);
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  expect(readme).toContain('no restriction');
  expect(readme).toContain(`| ${first} | 10 | 2 | 8 good, 2 `);
});

test('an aborted run leaves nothing behind', async () => {
  const controller = new AbortController();
  const writing = writeOfflineBenchmark(folder, 7, {
    ...tiny,
    signal: controller.signal,
    onProgress: ({ done }) => done === 3 && controller.abort(new Error('stop')),
  });
  await expect(writing).rejects.toThrow('stop');
  expect(await readdir(root)).toEqual([]);
});

test('progress counts all scans', async () => {
  const seen: string[] = [];
  await writeOfflineBenchmark(folder, 7, {
    ...tiny,
    onProgress: ({ stage, done, total }) => seen.push(`${stage} ${done}/${total}`),
  });
  const scans = 20 + 2 * defectTypesOf(first).length;
  expect(seen).toHaveLength(scans);
  expect(seen.at(-1)).toBe(`offline benchmark ${scans}/${scans}`);
});

test('a folder that holds something is refused, an empty one is used', async () => {
  await mkdir(folder);
  await writeOfflineBenchmark(folder, 7, tiny);
  await expect(writeOfflineBenchmark(folder, 7, tiny)).rejects.toThrow(/is not empty.*existing: 'update'/);
});

test('an update keeps what is up to date, replaces another benchmark, and refuses foreign files', async () => {
  await writeOfflineBenchmark(folder, 7, tiny);
  const { mtimeMs } = await stat(join(folder, 'datasheet.json'));
  await writeOfflineBenchmark(folder, 7, { ...tiny, existing: 'update' });
  expect((await stat(join(folder, 'datasheet.json'))).mtimeMs).toBe(mtimeMs);

  await writeOfflineBenchmark(folder, 8, { ...tiny, existing: 'update' });
  expect((await readOfflineDatasheet(folder))?.seed).toBe(8);
  expect(await readdir(root)).toEqual(['benchmark']);

  await writeFiles(root, { 'photos/holiday.jpg': 'dear' });
  const photos = writeOfflineBenchmark(join(root, 'photos'), 7, { ...tiny, existing: 'update' });
  await expect(photos).rejects.toThrow(DatasetError);
  expect(await readFile(join(root, 'photos/holiday.jpg'), 'utf8')).toBe('dear');
});

test('a category that does not exist is refused with the list of those that do', async () => {
  const categories = ['bagel'] as unknown as OfflineBenchmarkOptions['categories'];
  const writing = writeOfflineBenchmark(folder, 7, { ...tiny, categories });
  await expect(writing).rejects.toThrow(ArgumentError);
  await expect(writing).rejects.toThrow(first);
});
