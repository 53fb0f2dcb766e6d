import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { resolveLimits } from './read-limits.js';

test('absent and undefined limits are the documented defaults', () => {
  const defaults = { maxPoints: 50_000_000, maxInflatedBytes: 1024 ** 3 };
  expect(resolveLimits('readPly', {})).toEqual(defaults);
  expect(resolveLimits('readPly', { maxPoints: undefined })).toEqual(defaults);
});

test.each([NaN, -1, Infinity])('a limit of %d is an error of the caller', (maxPoints) => {
  expect(() => resolveLimits('readPly', { maxPoints })).toThrow(ArgumentError);
});
