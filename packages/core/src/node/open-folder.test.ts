import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { openFile } from './open-file.js';
import { openFolder } from './open-folder.js';
import { writeAtomically } from './write-atomically.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anomclip-node-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('openFile', () => {
  test('gives parts of a file, until it is closed', async () => {
    const path = join(folder, 'a');
    writeFileSync(path, Uint8Array.of(1, 2, 3, 4));
    const source = await openFile(path);
    expect(source.size).toBe(4);
    expect(await source.read(1, 3)).toEqual(Uint8Array.of(2, 3));
    expect(await source.read(2, 2)).toHaveLength(0);
    await source.close();
    await expect(source.read(0, 1)).rejects.toThrow();
  });

  test('refuses folders, and files that became shorter', async () => {
    await expect(openFile(folder)).rejects.toThrow('is no regular file; use openFolder');
    const path = join(folder, 'a');
    writeFileSync(path, new Uint8Array(10));
    const source = await openFile(path);
    truncateSync(path, 4);
    await expect(source.read(0, 10)).rejects.toThrow(FormatError);
    await source.close();
  });
});

describe('openFolder', () => {
  test('names files of all subfolders, and opens them', async () => {
    mkdirSync(join(folder, 'b/c'), { recursive: true });
    writeFileSync(join(folder, 'b/c/d.txt'), 'deep');
    writeFileSync(join(folder, 'a.txt'), 'top');
    const files = await openFolder(folder);
    expect(files.names).toEqual(['a.txt', 'b/c/d.txt']);
    const source = await files.open('b/c/d.txt');
    expect(new TextDecoder().decode(await source.read(0, source.size))).toBe('deep');
    await source.close();
    await expect(openFolder(join(folder, 'none'))).rejects.toThrow('ENOENT');
  });

  test('follows links inside, and none that leave', async () => {
    const model = join(folder, 'model');
    mkdirSync(join(model, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'secret'), 'x');
    writeFileSync(join(model, 'sub/a'), 'x');
    symlinkSync('sub/a', join(model, 'inside'));
    symlinkSync('../secret', join(model, 'outside'));
    symlinkSync('..', join(model, 'up'));
    symlinkSync('nothing', join(model, 'broken'));
    const files = await openFolder(model);
    expect(files.names).toEqual(['inside', 'sub/a']);
    for (const name of ['outside', '../secret', 'up/secret', 'broken', join(folder, 'secret')]) {
      await expect(files.open(name), name).rejects.toThrow('links that leave the folder are left out');
    }
    expect((await openFolder(model, { linksWithin: folder })).names).toEqual(['inside', 'outside', 'sub/a']);
  });

  test('refuses a file that becomes a link afterwards', async () => {
    mkdirSync(join(folder, 'model'));
    writeFileSync(join(folder, 'secret'), 'x');
    writeFileSync(join(folder, 'model/a'), 'x');
    const files = await openFolder(join(folder, 'model'));
    rmSync(join(folder, 'model/a'));
    symlinkSync('../secret', join(folder, 'model/a'));
    await expect(files.open('a')).rejects.toThrow('a is a link that leaves');
  });
});

describe('writeAtomically', () => {
  test('of several that write the same file at the same time, one stays whole', async () => {
    const path = join(folder, 'shared');
    const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(200_000));
    await Promise.all(contents.map((text) => writeAtomically(path, text)));
    expect(contents.includes(readFileSync(path, 'utf8'))).toBe(true);
    expect(readdirSync(folder)).toEqual(['shared']);
  });

  test('makes folders, replaces files, and leaves nothing beside them', async () => {
    const path = join(folder, 'a/b/c.txt');
    await writeAtomically(path, 'one');
    await writeAtomically(path, 'two');
    const source = await openFile(path);
    expect(new TextDecoder().decode(await source.read(0, 3))).toBe('two');
    await source.close();
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.txt']);
  });

  test('leaves nothing when it fails', async () => {
    mkdirSync(join(folder, 'taken/full'), { recursive: true });
    await expect(writeAtomically(join(folder, 'taken'), 'x')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});
