import { ArgumentError, FormatError } from '@anomclip/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latin1 } from './fixtures/read-fixtures.js';
import { readTxtCloud } from './txt-cloud.js';

const read = (text: string, labelColumn?: number) => readTxtCloud(latin1(text), { labelColumn });
const positions = (text: string) => [...read(text).cloud.positions.data];

test.each([
  ['spaces', '1 2 3\n4 5 6\n'],
  ['tabs', '1\t2\t3\n4\t5\t6'],
  ['commas', '1,2,3\r\n4,5,6\r\n'],
  ['commas and spaces', ' 1, 2, 3 \n 4 ,5 , 6\n'],
  ['semicolons', '1;2;3\n4;5;6\n'],
  ['a header line', 'x,y,z\n1,2,3\n4,5,6\n'],
  ['comments and empty lines', '# points\n\n1 2 3\n\n// more\n4 5 6\n\n'],
  ['a count in the first line', '2\n1 2 3\n4 5 6\n'],
  ['a byte order mark', '\xef\xbb\xbf1 2 3\n4 5 6'],
  ['scientific notation and signs', '1e0 +2 0.3E+1\n400e-2 5. 6\n'],
  ['more columns than needed', '1 2 3 0.5 a b\n4 5 6 0.5 c\n'],
])('%s', (_, text) => {
  expect(positions(text)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a fourth column of integers is the label, also when printed as floats', () => {
  expect(read('1 2 3 0.000000\n4 5 6 1.000000\n').cloud.labels).toEqual(Uint8Array.of(0, 1));
  expect(read('1,2,3,300\n4,5,6,-1\n').cloud.labels).toEqual(Int32Array.of(300, -1));
  expect(read('1 2 3 0.5\n4 5 6 1\n').cloud.labels).toBeUndefined();
  expect(read('1 2 3\n').cloud.labels).toBeUndefined();
});

test('the label may be in another column, or ignored', () => {
  expect(read('1 2 3 9 8 7\n', 5).cloud.labels).toEqual(Uint8Array.of(7));
  expect(read('1 2 3 9\n', 5).cloud.labels).toBeUndefined();
  expect(read('1 2 3 9\n', -1).cloud.labels).toBeUndefined();
  expect(() => read('1 2 3', 2)).toThrow(ArgumentError);
});

test('rows with NaN are dropped together with their labels', () => {
  const { cloud, index } = read('nan nan nan 1\n1 2 3 0\n4 inf 6 1\n7 8 9 1\n');
  expect([...cloud.positions.data]).toEqual([1, 2, 3, 7, 8, 9]);
  expect(cloud.labels).toEqual(Uint8Array.of(0, 1));
  expect([...index]).toEqual([1, 3]);
});

test('an empty file, blank lines and a count of 0 are empty clouds', () => {
  for (const text of ['', '\n \n', '0\n']) expect(read(text).cloud.positions.shape).toEqual([0, 3]);
});

test('geographic coordinates keep their shape', () => {
  const { cloud, origin } = read('500000.001 4000000.002 10\n500000.003 4000000.004 10\n');
  expect(origin?.[0]).toBeCloseTo(500_000.002, 9);
  expect(cloud.positions.data[0]).toBeCloseTo(-0.001, 8);
});

test('what JavaScript prints reads back the same', () => {
  const coordinate = fc.float({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 2 }), (points) => {
      const { cloud, origin = [0, 0, 0] } = read(points.map((point) => point.join(' ')).join('\n'));
      const back = Array.from(cloud.positions.data, (value, i) => Math.fround(value + origin[i % 3]) + 0);
      expect(back).toEqual(points.flat().map((value) => value + 0));
    }),
    { seed: 9 },
  );
});

test.each<[string, RegExp]>([
  ['hello\nworld\n', /no line starts with a number/],
  ['1 2\n', /line 1: a row of 2 numbers/],
  ['1 2 3\n4 5\n', /line 2: expected 3 numbers, got the end of the line after 2/],
  ['1 2 3 0\n4 5 6\n', /line 2: expected 4 numbers/],
  ['1,,2,3\n', /a row of 1 numbers|a row of 2/],
  ['1 2 3\n4,,5,6\n', /expected a number, got ",5,6"/],
  ['1 2 3\n4 5 6x\n', /line 2: expected a number, got "x"/],
  ['1 2 3\n4 5 - 6\n', /expected a number/],
])('%j is refused', (text, message) => {
  expect(() => read(text)).toThrow(FormatError);
  expect(() => read(text)).toThrow(message);
});

test('maxPoints is obeyed', () => {
  expect(() => readTxtCloud(latin1('1 2 3\n4 5 6\n'), { maxPoints: 1 })).toThrow('the limit is 1');
});
