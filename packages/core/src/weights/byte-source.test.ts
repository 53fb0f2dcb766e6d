import { expect, test } from 'vitest';
import { blobSource, byteSource } from './byte-source.js';

const bytes = Uint8Array.of(1, 2, 3, 4, 5);

test.each([
  ['an array', byteSource(bytes)],
  ['a Node Buffer', byteSource(Buffer.from(bytes))],
  ['a Blob', blobSource(new Blob([bytes]))],
])('a part of %s belongs to whoever reads it', async (_, source) => {
  expect(source.size).toBe(5);
  const part = await source.read(1, 3);
  expect([...part]).toEqual([2, 3]);
  part.fill(0);
  expect([...(await source.read(0, 5))]).toEqual([1, 2, 3, 4, 5]);
  await source.close();
});
