import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalToFloat64 } from './decimal.js';

test('a decimal with up to 22 digits is what Number makes of its text, or NaN', () => {
  let undecided = 0;
  let runs = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 10 ** 14, max: 10 ** 15 - 1 }),
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: 0, max: 9_999_999 }),
      fc.integer({ min: -22, max: 22 }),
      (high, lowDigits, lowSeed, exponent) => {
        const lowScale = 10 ** lowDigits;
        const low = lowSeed % lowScale;
        const digits = lowDigits === 0 ? '' : String(low).padStart(lowDigits, '0');
        const value = decimalToFloat64(high, low, lowScale, exponent);
        runs++;
        if (Number.isNaN(value)) undecided++;
        else expect(value).toBe(Number(`${high}${digits}e${exponent}`));
      },
    ),
    { seed: 1, numRuns: 20_000 },
  );
  expect(undecided / runs).toBeLessThan(0.01);
});

test('a decimal just above, at and just below the middle of two floats is rounded the right way or given up', () => {
  // 2^53 + 1 = 9007199254740993 lies exactly between two floats; ties go to the even one, 9007199254740992.
  for (const [high, low, expected] of [
    [900719925474099, 3000, 9007199254740992],
    [900719925474099, 3001, 9007199254740994],
    [900719925474099, 2999, 9007199254740992],
  ]) {
    const value = decimalToFloat64(high, low, 1e4, -3);
    if (!Number.isNaN(value)) expect(value).toBe(expected);
  }
});
