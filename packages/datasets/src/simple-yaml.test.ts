import { FormatError } from '@anomclip/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSimpleYaml } from './simple-yaml.js';

test('two levels of names with numbers and strings are read', () => {
  const text =
    '---\n# depth\nnormalization:\n  max: 1.5e+0 # metres\n  min: -.5\n\nname: "a: b"\r\nitem: Candy Cane\nn: 07\n';
  expect(parseSimpleYaml(text)).toEqual(
    new Map<string, unknown>([
      [
        'normalization',
        new Map([
          ['max', 1.5],
          ['min', -0.5],
        ]),
      ],
      ['name', 'a: b'],
      ['item', 'Candy Cane'],
      ['n', 7],
    ]),
  );
});

test('a map may be written in braces, as JSON does', () => {
  const expected = new Map([
    [
      'normalization',
      new Map([
        ['min', 0.5],
        ['max', 2],
      ]),
    ],
  ]);
  expect(parseSimpleYaml('normalization: {min: 0.5, max: 2}')).toEqual(expected);
  expect(parseSimpleYaml('normalization: {"min": 0.5, "max": 2}')).toEqual(expected);
});

test.each(['- item', 'a:\n  - 1', '  a: 1', 'a: {b: {c: 1}}', '{a: 1}', 'no pair', 'a: 1\n  b: 2'])(
  '%j is refused',
  (text) => expect(() => parseSimpleYaml(text)).toThrow(FormatError),
);

test('any text is read or refused, long lines of blanks at once', () => {
  const characters = fc.constantFrom(...' \n\r\t:#{}"\'-,ab1.');
  const property = fc.property(fc.string({ unit: characters }), (text) => {
    try {
      expect(parseSimpleYaml(text)).toBeInstanceOf(Map);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  });
  fc.assert(property, { seed: 20, numRuns: 1000 });
  expect(() => parseSimpleYaml(`a${' '.repeat(500_000)}b`)).toThrow(FormatError);
});
