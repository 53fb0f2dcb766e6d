import { FormatError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { inflateLzf } from './lzf.js';

const inflate = (bytes: number[], size: number): string =>
  String.fromCharCode(...inflateLzf('PCD', Uint8Array.from(bytes), size));
const [a, b, c] = [97, 98, 99];

test('a control byte below 32 copies that many bytes plus one', () => {
  expect(inflate([2, a, b, c, 0, a], 4)).toBe('abca');
});

test('a short match repeats its length plus two from its distance plus one', () => {
  expect(inflate([2, a, b, c, (2 << 5) | 0, 2], 7)).toBe('abcabca'); // 4 bytes from 3 back, over its own output
});

test('a long match takes its length from the next byte, and distances reach beyond 256', () => {
  const literals = Array.from({ length: 10 }, () => [31, ...Array(32).fill(b)]).flat();
  literals[1] = a; // 320 bytes: one a, then b
  const text = inflate([...literals, (7 << 5) | (319 >> 8), 3, 319 & 255], 332);
  expect(text.slice(320)).toBe('abbbbbbbbbbb'); // 3 + 9 = 12 bytes from 320 back
});

test.each([
  ['ends in the middle of literals', [3, a, b], 4],
  ['ends in the middle of a match', [0, a, 1 << 5], 4],
  ['reaches back before the start', [0, a, 1 << 5, 1], 4],
  ['gives more than the size', [2, a, b, c], 2],
  ['gives less than the size', [2, a, b, c], 4],
  ['cannot reach the size at all', [0, a], 1e9],
])('a stream that %s is refused', (_, bytes, size) => {
  expect(() => inflate(bytes, size)).toThrow(FormatError);
});
