import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { createDecodedCache } from './decoded-cache.js';

/** A source of arrays of 100 bytes that counts how often it is read. */
function countingSource(path = 'a') {
  const source = {
    path,
    reads: 0,
    async read() {
      source.reads++;
      return new Uint8Array(100);
    },
  };
  return source;
}

test('what was read is given again, also while it is being read', async () => {
  const read = createDecodedCache(1000);
  const source = countingSource();
  const [first, second] = await Promise.all([read(source), read(source)]);
  expect(second).toBe(first);
  expect(await read(source)).toBe(first);
  expect(source.reads).toBe(1);
});

test('the least recently used goes when the bytes exceed the limit', async () => {
  const read = createDecodedCache(250);
  const [a, b, c] = ['a', 'b', 'c'].map(countingSource);
  for (const source of [a, b, a, c, a, b]) await read(source);
  expect([a.reads, b.reads, c.reads]).toEqual([1, 2, 1]);
});

test('what is larger than the limit is not kept', async () => {
  const read = createDecodedCache(99);
  const source = countingSource();
  await read(source);
  await read(source);
  expect(source.reads).toBe(2);
});

test('a failure is not kept', async () => {
  const read = createDecodedCache(1000);
  let fail = true;
  const source = {
    path: 'a',
    read: async () => {
      if (fail) throw new Error('broken');
      return 7;
    },
  };
  await expect(read(source)).rejects.toThrow('broken');
  fail = false;
  expect(await read(source)).toBe(7);
});

test('nothing is kept with a limit of 0, and a negative one is refused', async () => {
  const read = createDecodedCache(0);
  const source = countingSource();
  expect(await read(source)).not.toBe(await read(source));
  expect(() => createDecodedCache(-1)).toThrow(ArgumentError);
  expect(() => createDecodedCache(Number.NaN)).toThrow(ArgumentError);
});

test('arrays inside of objects count', async () => {
  const read = createDecodedCache(1000);
  const reads: string[] = [];
  const source = (path: string) => ({
    path,
    read: async () => {
      reads.push(path);
      return { xyz: { data: new Float32Array(200), shape: [200] } };
    },
  });
  const [a, b] = [source('a'), source('b')];
  for (const wanted of [a, b, a]) await read(wanted); // 800 bytes each
  expect(reads).toEqual(['a', 'b', 'a']);
});
