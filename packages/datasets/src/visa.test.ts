import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { DatasetError } from './dataset-error.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { writeFiles } from './testing/tiny-files.js';
import { maskPng, redJpeg, visaCsv, visaFiles } from './testing/tiny-layouts.js';
import { openVisa } from './visa.js';

const root = useTemporaryRoot();

test('the split file says what is for training, and masks of small integers mark pixels', async () => {
  await writeFiles(root(), visaFiles('candle'));
  const dataset = await openVisa(root());
  expect(dataset.samples().map(({ id, label }) => [id, label])).toEqual([
    ['candle/train/good/0000', 0],
    ['candle/train/good/0002', 0],
    ['candle/test/good/0001', 0],
    ['candle/test/bad/000', 1],
  ]);
  const { image, mask } = await dataset.samples({ label: 1 })[0].load();
  expect(image?.shape).toEqual([4, 5, 3]);
  expect([mask?.get(1, 2), mask?.get(0, 0)]).toEqual([1, 0]);
});

test('another split file gives another split, also anomalous images to train on', async () => {
  const files = visaFiles('candle');
  const csv = visaCsv(
    'candle,train,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png',
    'candle,test,normal,candle/Data/Images/Normal/0000.JPG,',
  );
  await writeFiles(root(), { ...files, 'split_csv/2cls_fewshot.csv': csv });
  const dataset = await openVisa(root(), { split: '2cls_fewshot' });
  expect(dataset.samples().map(({ id }) => id)).toEqual(['candle/train/bad/000', 'candle/test/good/0000']);
  expect(dataset.describe()).not.toContain('published'); // counts are those of 1cls
  expect((await openVisa(root())).describe()).toContain('published: 900 train');
  const unknown = openVisa(root(), { split: '3cls' as '1cls' });
  await expect(unknown).rejects.toThrow(ArgumentError);
});

test('quotes, CRLF, a byte order mark and other orders of the columns do not matter', async () => {
  const csv = [
    '\uFEFFmask,image,label,object,split',
    ',"candle/Data/Images/Normal/0, ""new"".JPG",normal,candle,train',
    'candle/Data/Masks/Anomaly/000.png,"candle/Data/Images/Anomaly/000.JPG",anomaly,candle,"test"',
    '',
  ].join('\r\n');
  await writeFiles(root(), {
    ...visaFiles('candle'),
    'candle/Data/Images/Normal/0, "new".JPG': redJpeg,
    'split_csv/1cls.csv': csv,
  });
  const samples = (await openVisa(root())).samples();
  expect(samples.map(({ id }) => id)).toEqual(['candle/train/good/0, "new"', 'candle/test/bad/000']);
  expect((await samples[1].loadMask()).get(1, 2)).toBe(1);
});

test('rows without a file, files without a row, and rows that cannot be right are all reported, and never followed', async () => {
  await writeFiles(root(), {
    ...visaFiles('lamp'),
    'outside.JPG': redJpeg,
    'split_csv/1cls.csv': visaCsv(
      'lamp,train,normal,lamp/Data/Images/Normal/0000.JPG,',
      'lamp,train,normal,lamp/Data/Images/Normal/0000.JPG,',
      'lamp,test,normal,lamp/Data/Images/Normal/9999.JPG,',
      'lamp,test,anomaly,lamp/Data/Images/Anomaly/000.JPG,lamp/Data/Masks/Anomaly/999.png',
      'lamp,test,normal,../outside.JPG,',
      'lamp,test,normal,lamp/../outside.JPG,',
      'lamp,test,normal,/etc/passwd,',
      'lamp,test,normal,lamp\\..\\outside.JPG,',
      'lamp,test,anomaly,lamp/Data/Images/Anomaly/000.JPG,lamp/../outside.JPG',
      'lamp,holdout,normal,lamp/Data/Images/Normal/0001.JPG,',
      'lamp,test,odd,lamp/Data/Images/Normal/0001.JPG,',
      'lamp/Data,test,normal,lamp/Data/Images/Normal/0001.JPG,',
    ),
  });
  const dataset = await openVisa(root());
  expect(dataset.samples().map(({ id }) => id)).toEqual(['lamp/train/good/0000', 'lamp/test/bad/000']);
  expect(dataset.skipped).toEqual([{ id: 'lamp/test/good/9999', missing: ['image'] }]);
  const { problems } = await dataset.verify();
  const listed = problems.map(({ where, message }) => `${where}: ${message}`);
  expect(listed).toEqual([
    'lamp/test/good/9999: has no image file, skipped',
    'split_csv/1cls.csv line 3: second row for lamp/Data/Images/Normal/0000.JPG; the row is ignored',
    expect.stringContaining('line 6: "../outside.JPG" is no path below lamp'),
    expect.stringContaining('line 7: "lamp/../outside.JPG" is no path below lamp'),
    expect.stringContaining('line 8: "/etc/passwd" is no path below lamp'),
    expect.stringContaining('line 9: "lamp\\\\..\\\\outside.JPG" is no path below lamp'),
    expect.stringContaining('line 10: "lamp/../outside.JPG" is no path below lamp'),
    expect.stringContaining('line 11: the split is "holdout"'),
    expect.stringContaining('line 12: the label is "odd"'),
    expect.stringContaining('line 13: the object is "lamp/Data"'),
    'lamp: 2 images have no row in 1cls.csv: not listed',
    expect.stringContaining('has no mask: lamp/Data/Masks/Anomaly/999.png'),
  ]);
});

test('a split file that is no CSV is an error that names the line', async () => {
  await writeFiles(root(), { ...visaFiles('candle'), 'split_csv/1cls.csv': 'object,split\ncandle,train\n' });
  await expect(openVisa(root())).rejects.toThrow(DatasetError);
  await expect(openVisa(root())).rejects.toThrow(
    /1cls\.csv: cannot be read: CSV: no column label, image, mask/,
  );
});

test('without a split file the downloaded layout cannot be read, and the error says what is missing', async () => {
  const { 'split_csv/1cls.csv': _, ...files } = visaFiles('candle');
  await writeFiles(root(), files);
  await expect(openVisa(root())).rejects.toThrow(
    /not in the layout of VisA: looked for split_csv\/1cls\.csv/,
  );
});

test('the converted copy has the same ids', async () => {
  await writeFiles(root(), {
    'candle/train/good/0000.JPG': redJpeg,
    'candle/test/good/0001.JPG': redJpeg,
    'candle/test/bad/000.JPG': redJpeg,
    'candle/ground_truth/bad/000.png': maskPng([[3, 3]]),
  });
  const dataset = await openVisa(root());
  expect(dataset.samples().map(({ id, dataset: name }) => [id, name])).toEqual([
    ['candle/train/good/0000', 'visa'],
    ['candle/test/good/0001', 'visa'],
    ['candle/test/bad/000', 'visa'],
  ]);
  expect((await dataset.samples({ label: 1 })[0].loadMask()).get(3, 3)).toBe(1);
});
