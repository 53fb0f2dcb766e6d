import { InvalidArgumentError } from 'commander';

// What stands behind an option on a command line. A wrong text ends the program with one line that says what to do.

/** Names separated by commas. */
export function parseList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Give names separated by commas, e.g. bagel,rope.');
  return names;
}

/** A whole number of 1 or more. */
export function parseCount(text: string): number {
  return parseWhole(text, 1);
}

/** Whole numbers of 1 or more, separated by commas. */
export function parseCounts(text: string): number[] {
  return parseList(text).map(parseCount);
}

/** A whole number of 0 or more. */
export function parseSeed(text: string): number {
  return parseWhole(text, 0);
}

/** A whole number of `least` or more, and at most `most`. */
export function parseWhole(text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new InvalidArgumentError(`Give a whole number ${range}.`);
}
