import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { folderChecksum } from './folder-checksum.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { writeFiles } from './testing/tiny-files.js';

const root = useTemporaryRoot();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('it is the SHA-256 of what sha256sum prints of the files below folders, by code unit', async () => {
  await writeFiles(root(), {
    'b/2.txt': 'two',
    'B/1.txt': 'one',
    'b/c/3.txt': '',
    'README.md': 'not counted',
  });
  const lines = `${sha256('one')}  ./B/1.txt\n${sha256('two')}  ./b/2.txt\n${sha256('')}  ./b/c/3.txt\n`;
  expect(await folderChecksum(root())).toBe(sha256(lines));
});

test('another name, other contents and another file change it', async () => {
  const seen = new Set<string>();
  for (const [path, text] of [
    ['a/1', 'x'],
    ['a/2', 'y'],
    ['a/2', 'z'],
  ]) {
    await writeFiles(root(), { [path]: text });
    seen.add(await folderChecksum(root()));
  }
  expect(seen.size).toBe(3);
});
