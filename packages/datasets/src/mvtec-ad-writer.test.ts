import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgumentError, ShapeError } from '@anomclip/core';
import { createImage, createMask } from '@anomclip/core/image';
import { expect, test } from 'vitest';
import { openMvtecAd } from './mvtec-ad.js';
import { createMvtecAdWriter } from './mvtec-ad-writer.js';
import type { SampleToWrite } from './sample-writer.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { height, width, writeFiles } from './testing/tiny-files.js';

const root = useTemporaryRoot();

function picture(changes: Partial<SampleToWrite> = {}): SampleToWrite {
  const [image, mask] = [createImage(height, width), createMask(height, width)];
  image.set(3, 4, 1, 200);
  mask.set(2, 3, 1);
  return { className: 'gear', split: 'test', defectType: 'dent', stem: '000', image, mask, ...changes };
}

test('what is written is read back, and lies where the original has it', async () => {
  const writer = await createMvtecAdWriter(root());
  const written = picture();
  expect(await writer.write(written)).toBe('gear/test/dent/000');
  await writer.write(picture({ split: 'train', defectType: 'good', mask: undefined }));
  await writer.write(picture({ defectType: 'good', mask: createMask(height, width) }));
  const found = await readdir(root(), { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  expect(files.map(({ parentPath, name }) => join(parentPath, name).slice(root().length + 1)).sort()).toEqual(
    [
      'gear/ground_truth/dent/000_mask.png',
      'gear/test/dent/000.png',
      'gear/test/good/000.png',
      'gear/train/good/000.png',
    ],
  );
  const dataset = await openMvtecAd(root());
  expect(await dataset.verify()).toMatchObject({ ok: true, problems: [] });
  const { image, mask } = await dataset.samples({ label: 1 })[0].load();
  expect(image).toEqual(written.image);
  expect(mask).toEqual(written.mask);
});

test('contradictions and folders that hold something are refused', async () => {
  const writer = await createMvtecAdWriter(join(root(), 'new'));
  await expect(writer.write(picture({ split: 'validation', defectType: 'good' }))).rejects.toThrow(
    ArgumentError,
  );
  await expect(writer.write(picture({ mask: undefined }))).rejects.toThrow(/the mask of the dent sample/);
  await expect(writer.write(picture({ mask: createMask(width, height) }))).rejects.toThrow(ShapeError);
  await expect(writer.write(picture({ stem: '../up' }))).rejects.toThrow(/plain name/);
  expect(await readdir(root())).toEqual([]);
  await writeFiles(root(), { 'thesis.tex': 'important' });
  await expect(createMvtecAdWriter(root())).rejects.toThrow(/is not empty/);
});
