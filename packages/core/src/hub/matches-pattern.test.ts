import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from './matches-pattern.js';

test.each([
  ['config.json', 'config.json', true],
  ['config.json', '*.json', true],
  ['a/b/config.json', '*.json', true],
  ['config.jsonl', '*.json', false],
  ['config', 'config.*', false],
  ['model-00001-of-00002.bin', 'model-*-of-*.bin', true],
  ['aXbXc', 'a*b*c', true],
  ['abcabd', '*abd', true],
  ['', '*', true],
  ['', '', true],
  ['a', '', false],
  ['a+b', 'a+b', true],
  ['aab', 'a+b', false],
])('%j and the pattern %j: %s', (path, pattern, expected) => {
  expect(matchesPattern(path, pattern)).toBe(expected);
});

test('equals the regular expression of the pattern', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (path, stars) => {
      expect(matchesPattern(path, stars)).toBe(new RegExp(`^${stars.replaceAll('*', '.*')}$`).test(path));
    }),
    { seed: 41, numRuns: 1000 },
  );
});

test('a pattern of many stars takes no time', () => {
  expect(matchesPattern('a'.repeat(2000), `${'a*'.repeat(500)}b`)).toBe(false);
});
