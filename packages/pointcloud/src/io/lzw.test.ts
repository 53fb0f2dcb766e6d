import { FormatError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { inflateLzw } from './lzw.js';

/** A plain encoder after TIFF 6.0, section 13, that clears its table when 4094 is given out. */
function deflateLzw(data: Uint8Array): Uint8Array {
  const bits: number[] = [];
  const put = (code: number, width: number): void => {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((code >> bit) & 1);
  };
  let table = new Map<string, number>();
  const width = (): number => Math.max(9, (table.size + 258).toString(2).length);
  const codeOf = (key: string): number => (key.includes(',') ? (table.get(key) as number) : Number(key));
  put(256, 9);
  let omega = '';
  for (const byte of data) {
    const longer = omega === '' ? `${byte}` : `${omega},${byte}`;
    if (omega === '' || table.has(longer)) {
      omega = longer;
      continue;
    }
    put(codeOf(omega), width());
    table.set(longer, table.size + 258);
    if (table.size + 258 === 4095) {
      put(256, 12);
      table = new Map();
    }
    omega = `${byte}`;
  }
  if (omega !== '') put(codeOf(omega), width());
  table.set('end', 0);
  put(257, width());
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    bytes[i >> 3] |= bit << (7 - (i & 7));
  });
  return bytes;
}

const rng = createRng(7);

test.each([
  ['one byte', Uint8Array.of(7)],
  ['a run, whose codes are used before they are complete', new Uint8Array(5000).fill(3)],
  [
    'noise, which passes every code width and fills the table twice',
    Uint8Array.from({ length: 9000 }, () => rng.integer(0, 256)),
  ],
  ['few symbols', Uint8Array.from({ length: 20_000 }, () => rng.integer(0, 3))],
])('%s comes back', (_, data) => {
  expect(inflateLzw('TIFF', deflateLzw(data), data.length)).toEqual(data);
});

test('the stream of the TIFF specification gives its example', () => {
  // Section 13: 7 7 7 8 8 7 7 6 6 becomes 256 7 258 8 8 258 6 6 257, nine bits each.
  const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257].map((code) => code.toString(2).padStart(9, '0')).join('');
  const bytes = Uint8Array.from(codes.padEnd(88, '0').match(/.{8}/g) ?? [], (byte) =>
    Number.parseInt(byte, 2),
  );
  expect([...inflateLzw('TIFF', bytes, 9)]).toEqual([7, 7, 7, 8, 8, 7, 7, 6, 6]);
});

test('only the wanted bytes are inflated', () => {
  expect(inflateLzw('TIFF', deflateLzw(new Uint8Array(5000).fill(3)), 10)).toEqual(
    new Uint8Array(10).fill(3),
  );
});

test.each([
  ['ends too early', deflateLzw(new Uint8Array(50).fill(3)).subarray(0, 5), 50],
  ['says it ends too early', deflateLzw(new Uint8Array(50).fill(3)), 51],
  ['uses a code that is not there', Uint8Array.of(0x80, 0x5f, 0xff, 0xff), 9],
  ['cannot reach the size at all', Uint8Array.of(0x80), 1e9],
])('a stream that %s is refused', (_, bytes, size) => {
  expect(() => inflateLzw('TIFF', bytes, size)).toThrow(FormatError);
});
