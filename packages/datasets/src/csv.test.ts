import { FormatError } from '@anomclip/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv } from './csv.js';

test('wanted columns are picked by name and rows know their line', () => {
  expect(parseCsv('a,b,c\n1,2,3\n\n4,"5\nfive",6', ['c', 'b'])).toEqual([
    { c: '3', b: '2', line: 2 },
    { c: '6', b: '5\nfive', line: 4 },
  ]);
});

test('an empty last field counts, with and without a line end after it', () => {
  for (const text of ['a,b\n1,', 'a,b\n1,\n', 'a,b\r\n1,\r\n']) {
    expect(parseCsv(text, ['a', 'b'])).toEqual([{ a: '1', b: '', line: 2 }]);
  }
});

test('whatever is written in quotes is read back', () => {
  const row = fc.record({ a: fc.string({ unit: 'binary' }), b: fc.string() });
  const property = fc.property(fc.array(row), fc.constantFrom('\n', '\r\n'), (rows, end) => {
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const text = ['a,b', ...rows.map(({ a, b }) => `${quote(a)},${quote(b)}`)].join(end);
    expect(parseCsv(text, ['a', 'b']).map(({ a, b }) => ({ a, b }))).toEqual(rows);
  });
  fc.assert(property, { seed: 20 });
});

test.each([
  ['a,b\n1', 'line 2 has 1 fields, the header 2'],
  ['a,b\n1,2,3', 'line 2 has 3 fields'],
  ['a,b\n1,"2', 'line 2: a quote'],
  ['a,b\n1,"2"3', 'line 2: a quote'],
  ['a,b\n1,2"', 'line 2: a quote'],
  ['', 'no column a, b'],
])('%j is refused', (text, message) => {
  expect(() => parseCsv(text, ['a', 'b'])).toThrow(FormatError);
  expect(() => parseCsv(text, ['a', 'b'])).toThrow(message);
});
