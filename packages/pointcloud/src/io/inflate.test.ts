import { deflateRawSync, deflateSync } from 'node:zlib';
import { FormatError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { inflateRaw, inflateZlib } from './inflate.js';

const rng = createRng(3);
const noise = Uint8Array.from({ length: 300_000 }, () => rng.integer(0, 256)); // more than one chunk of input
const zeros = new Uint8Array(1_000_000);

test.each([
  ['noise', noise],
  ['zeros', zeros],
])('%s that zlib compressed comes back', (_, data) => {
  // Comparing a million elements one by one takes the test runner seconds.
  expect(Buffer.compare(inflateZlib('TIFF', deflateSync(data), data.length), data)).toBe(0);
  expect(Buffer.compare(inflateRaw('NPZ', deflateRawSync(data), data.length), data)).toBe(0);
});

test('only the wanted bytes are given', () => {
  expect(inflateZlib('TIFF', deflateSync(noise), 100)).toEqual(noise.subarray(0, 100));
});

test.each([
  ['no zlib header', noise, 10],
  ['a cut stream', deflateSync(noise).subarray(0, 1000), noise.length],
  ['a stream that ends too early', deflateSync(noise), noise.length + 1],
  ['a size that cannot be reached', deflateSync(noise), 1e12],
  ['an invalid block', Uint8Array.of(0x78, 0x9c, 7, 0, 0), 1],
  ['nothing', new Uint8Array(0), 1],
])('%s is refused', (_, data, size) => {
  expect(() => inflateZlib('TIFF', data, size)).toThrow(FormatError);
});
