import { expect, test } from 'vitest';
import { cosSinOfTurns, exp, ln } from './elementary.js';

test('ln agrees with Math.log to a few units in the last place', () => {
  for (const x of [
    1e-300,
    2 ** -53,
    1e-9,
    0.3,
    Math.SQRT1_2,
    0.9999999,
    1,
    1.0000001,
    1.5,
    Math.SQRT2,
    7,
    1e9,
    1e300,
  ]) {
    expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.abs(Math.log(x)));
  }
});

test('exp agrees with Math.exp and saturates where it does', () => {
  for (let x = -740; x < 709; x += 0.37) {
    expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(x < -700 ? 0.5 : 1e-15);
  }
  expect(exp(0)).toBe(1);
  expect(exp(709.78) / Math.exp(709.78)).toBeCloseTo(1, 13);
  expect(exp(710)).toBe(Number.POSITIVE_INFINITY);
  expect(exp(-750)).toBe(0);
});

test('cosine and sine of quarter turns are exact', () => {
  const values = [0, 0.25, 0.5, 0.75].map((turns) => cosSinOfTurns(turns).map((value) => value + 0));
  expect(values).toEqual([
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]);
});

test('cosine and sine agree with Math.cos and Math.sin all around', () => {
  for (let turns = 0; turns < 1; turns += 0.0013) {
    const [cos, sin] = cosSinOfTurns(turns);
    expect(cos).toBeCloseTo(Math.cos(2 * Math.PI * turns), 14);
    expect(sin).toBeCloseTo(Math.sin(2 * Math.PI * turns), 14);
  }
});
