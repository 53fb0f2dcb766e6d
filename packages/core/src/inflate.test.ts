import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from './errors.js';
import { inflateRaw, inflateZlib } from './inflate.js';
import { createRng } from './random/index.js';

const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;

/** Bytes with runs, repeats and noise, so that all kinds of blocks, lengths and distances occur. */
function mixedBytes(size: number): Uint8Array {
  const rng = createRng('mixed');
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const end = Math.min(size, at + rng.integer(1, 600));
    const kind = rng.integer(0, 3);
    const back = rng.integer(1, Math.min(at, 32768) + 2);
    for (const value = rng.integer(0, 256); at < end; at++) {
      bytes[at] = kind === 0 ? value : kind === 1 && back <= at ? bytes[at - back] : rng.integer(0, 256);
    }
  }
  return bytes;
}

test.each([
  ['stored', { level: 0 }],
  ['fast', { level: 1 }],
  ['best', { level: 9 }],
  ['fixed codes', { strategy: Z_FIXED }],
  ['codes without distances', { strategy: Z_HUFFMAN_ONLY }],
  ['runs only', { strategy: Z_RLE }],
  ['a small window', { windowBits: 9, strategy: Z_DEFAULT_STRATEGY }],
])('undoes zlib’s deflate: %s', (_, options) => {
  for (const bytes of [new Uint8Array(0), Uint8Array.of(7), new Uint8Array(100_000), mixedBytes(300_000)]) {
    expect(Buffer.compare(inflateZlib(deflateSync(bytes, options), bytes.length), bytes)).toBe(0);
  }
});

test('undoes zlib’s deflate of any bytes', () => {
  const input = fc.tuple(fc.uint8Array({ maxLength: 2000, max: 5 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(input, ([bytes, level]) => {
      expect(inflateZlib(deflateSync(bytes, { level }), bytes.length)).toEqual(bytes);
    }),
    { seed: 24 },
  );
});

test('a stream with more or fewer bytes than declared is refused', () => {
  const stream = deflateSync(mixedBytes(5000));
  expect(() => inflateZlib(stream, 4999)).toThrow(
    'deflate: the compressed data is corrupt: it holds more than 4999',
  );
  expect(() => inflateZlib(stream, 5001)).toThrow('it ends after 5000 of 5001 bytes');
});

test('a bomb takes no more memory than was declared', () => {
  const bomb = deflateSync(new Uint8Array(50_000_000));
  expect(() => inflateZlib(bomb, 1000)).toThrow('it holds more than 1000 bytes');
});

test('a size that the stream cannot hold is refused before memory is taken', () => {
  expect(() => inflateZlib(deflateSync(new Uint8Array(10)), 2 ** 50)).toThrow('cannot hold 1125899906842624');
});

test('a stream cut off anywhere is refused', () => {
  const stream = deflateSync(mixedBytes(700));
  for (let length = 0; length < stream.length; length++) {
    expect(() => inflateZlib(stream.subarray(0, length), 700)).toThrow(FormatError);
  }
});

test.each([
  ['a wrong checksum', [0x78, 0x9c, 0x03, 0x00, 0, 0, 0, 2]],
  ['a preset dictionary', [0x78, 0xbb, 0x03, 0x00, 0, 0, 0, 1]],
  ['another method', [0x79, 0x9d, 0x03, 0x00, 0, 0, 0, 1]],
  ['the reserved kind of block', [0x78, 0x9c, 0x07, 0x00, 0, 0, 0, 1]],
  ['a stored block whose lengths disagree', [0x78, 0x9c, 0x01, 1, 0, 0xff, 0xff, 9, 0, 0, 0, 1]],
])('%s is refused', (_, bytes) => {
  expect(() => inflateZlib(Uint8Array.from(bytes), 0)).toThrow(FormatError);
});

test('the empty stream, written by hand, is read', () => {
  expect(inflateZlib(Uint8Array.of(0x78, 0x9c, 0x03, 0x00, 0, 0, 0, 1), 0)).toHaveLength(0);
});

test('a bare deflate stream is inflated too, and cut off it is refused', () => {
  const bytes = mixedBytes(20_000);
  const stream = deflateRawSync(bytes);
  expect(inflateRaw(stream, bytes.length)).toEqual(bytes);
  expect(() => inflateRaw(stream.subarray(0, -9), bytes.length)).toThrow(FormatError);
});
