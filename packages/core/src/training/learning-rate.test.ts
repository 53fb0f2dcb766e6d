import { expect, test } from 'vitest';
import { ArgumentError } from '../errors.js';
import { constantSchedule, cosineSchedule } from './learning-rate.js';

test('the constant schedule is 1 in every step', () => {
  expect([0, 1, 1e6].map(constantSchedule())).toEqual([1, 1, 1]);
});

test('the cosine schedule rises in a line, falls through the middle at half time, and stays at its floor', () => {
  const schedule = cosineSchedule(110, { warmUpSteps: 10, floor: 0.02 });
  expect([0, 4, 9].map(schedule)).toEqual([0.1, 0.5, 1]);
  expect(schedule(10)).toBe(1);
  expect(schedule(60)).toBeCloseTo(0.51, 12); //      0.02 + 0.98 / 2
  expect(schedule(35)).toBeCloseTo(0.02 + (0.98 * (1 + Math.SQRT1_2)) / 2, 12);
  expect(schedule(110)).toBe(0.02);
  expect(schedule(1000)).toBe(0.02);
});

test('without options it falls from 1 to 0', () => {
  const schedule = cosineSchedule(4);
  expect(schedule(0)).toBe(1);
  expect(schedule(2)).toBeCloseTo(0.5, 12);
  expect(schedule(4)).toBe(0);
});

test('numbers that make no schedule are refused', () => {
  expect(() => cosineSchedule(0)).toThrow(ArgumentError);
  expect(() => cosineSchedule(10, { warmUpSteps: 10 })).toThrow(ArgumentError);
  expect(() => cosineSchedule(10, { floor: 1.5 })).toThrow(ArgumentError);
});
