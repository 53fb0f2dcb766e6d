import { FormatError } from '@anomclip/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberScanner } from './number-scanner.js';

const scan = (text: string): NumberScanner => new NumberScanner(new TextEncoder().encode(text), 'TEXT');

test('every way to print a double reads as Number does', () => {
  const text = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x.toExponential(18)),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x.toFixed(20)),
    fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.bigInt(), fc.integer({ min: -400, max: 400 })).map(([m, e]) => `${m}e${e}`),
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `+${a}.${b}E+03`),
  );
  fc.assert(
    fc.property(text, (printed) => {
      expect(scan(printed).nextNumber()).toBe(Number(printed));
    }),
    { seed: 2, numRuns: 5000 },
  );
});

test('points without digits on one side, signs and leading zeros are numbers', () => {
  const scanner = scan('.5 5. -.25 +007 -0 0.000000000000000000000000000000123456789');
  const values = Array.from({ length: 6 }, () => scanner.nextNumber());
  expect(values).toEqual([0.5, 5, -0.25, 7, -0, 1.23456789e-31]);
});

test('NaN and infinity are read in the spellings of C, Python and Windows', () => {
  const scanner = scan('nan NaN -nan nan(ind) 1.#QNAN -1.#IND00 inf -Inf +INFINITY 1.#INF');
  const values = Array.from({ length: 10 }, () => scanner.nextNumber());
  expect(values).toEqual([NaN, NaN, NaN, NaN, NaN, NaN, Infinity, -Infinity, Infinity, Infinity]);
});

test.each(['', '-', '.', 'e5', '1e', '1e+', '1.2.3', '12x', '--1', 'nano', '0x10'])(
  '%j is no number',
  (text) => {
    expect(() => scan(text).nextNumber()).toThrow(FormatError);
  },
);

test('an error names the line', () => {
  const scanner = scan('1 2\n3 x\n');
  for (let i = 0; i < 3; i++) scanner.nextNumber();
  expect(() => scanner.nextNumber()).toThrow('TEXT: line 2: expected a number, got "x"');
});

test('lines end at a line feed, a carriage return or both', () => {
  const scanner = scan('a\nb\r\nc\rd');
  const words: string[] = [];
  while (scanner.peek() >= 0) {
    words.push(scanner.word());
    scanner.skipLine();
  }
  expect(words).toEqual(['a', 'b', 'c', 'd']);
});
