import { FormatError } from '@anomclip/core';
import { decimalToFloat64 } from './decimal.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/**
 * Reads numbers and words from text that stays bytes: no string is made per line or per number. Control
 * characters and the space separate; a line ends at a line feed, a carriage return, or both.
 */
export class NumberScanner {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly format: string,
    public position = 0,
  ) {}

  /** The byte at the position, −1 at the end of the file. */
  peek(): number {
    return this.position < this.bytes.length ? this.bytes[this.position] : -1;
  }

  /** Moves to the next byte of the same line that is no blank. */
  skipBlanks(): void {
    const { bytes } = this;
    let position = this.position;
    while (position < bytes.length && bytes[position] <= SPACE && !isLineEnd(bytes[position])) position++;
    this.position = position;
  }

  /** Moves over blanks and line ends. */
  skipWhitespace(): void {
    const { bytes } = this;
    let position = this.position;
    while (position < bytes.length && bytes[position] <= SPACE) position++;
    this.position = position;
  }

  /** Moves to the first byte after the end of this line. */
  skipLine(): void {
    const { bytes } = this;
    let position = this.position;
    while (position < bytes.length && !isLineEnd(bytes[position])) position++;
    if (bytes[position] === CARRIAGE_RETURN && bytes[position + 1] === LINE_FEED) position++;
    this.position = Math.min(position + 1, bytes.length);
  }

  /** Whether the line, or the file, ends here. */
  atLineEnd(): boolean {
    return this.position >= this.bytes.length || isLineEnd(this.bytes[this.position]);
  }

  /** Whether what stands here looks like the start of a number, `nan` and `inf` included. */
  startsNumber(): boolean {
    const { bytes, position } = this;
    const signed = bytes[position] === 43 || bytes[position] === 45;
    const first = signed ? position + 1 : position;
    const digit = bytes[first] === 46 ? bytes[first + 1] : bytes[first];
    if (digit >= 48 && digit <= 57) return true;
    const letter = digit | 32;
    if (letter !== 105 /* i */ && letter !== 110 /* n */) return false;
    return /^(nan|inf(inity)?)(?![a-z])/i.test(decode(bytes, first, Math.min(first + 9, bytes.length)));
  }

  /** The characters up to the next white space, at most `limit` of them. */
  word(limit = 32): string {
    const { bytes, position } = this;
    const end = Math.min(bytes.length, position + limit);
    let stop = position;
    while (stop < end && bytes[stop] > SPACE) stop++;
    this.position = stop;
    return String.fromCharCode(...bytes.subarray(position, stop));
  }

  /** The next number after any white space, as `Number(text)` would give it; also `nan` and `inf` in all spellings. */
  nextNumber(): number {
    this.skipWhitespace();
    const value = this.number();
    if (this.peek() > SPACE) this.fail(`expected a number, got ${this.quote()}`);
    return value;
  }

  /** The number that starts at the position, which moves to the first byte that is no part of it. */
  number(): number {
    const { bytes } = this;
    const end = bytes.length;
    const start = this.position;
    let position = start;
    let byte = position < end ? bytes[position] : -1;
    const negative = byte === 45;
    if (negative || byte === 43) byte = ++position < end ? bytes[position] : -1;

    // Digits go to `high` while it is exact in float64, the next seven to `low`; more are rare: see below.
    let high = 0;
    let low = 0;
    let lowScale = 1;
    let exponent = 0;
    let digits = 0;
    let fractionDigits = -1; // −1 until the point was seen
    for (;;) {
      const digit = byte - 48;
      if (digit >= 0 && digit <= 9) {
        digits++;
        if (fractionDigits >= 0) fractionDigits++;
        if (high < 1e14) high = high * 10 + digit;
        else {
          low = low * 10 + digit;
          lowScale *= 10;
        }
      } else if (byte === 46 && fractionDigits < 0) fractionDigits = 0;
      else break;
      byte = ++position < end ? bytes[position] : -1;
    }
    if (digits === 0 || byte === 35 /* # as in 1.#QNAN */) return this.#special(start);

    if ((byte | 32) === 101 /* e */) {
      let at = position + 1;
      const sign = at < end ? bytes[at] : -1;
      if (sign === 45 || sign === 43) at++;
      const firstDigit = at;
      for (; at < end && bytes[at] >= 48 && bytes[at] <= 57; at++) {
        exponent = Math.min(exponent * 10 + bytes[at] - 48, 99999);
      }
      if (at === firstDigit) this.fail(`expected a number, got ${this.quote()}`);
      if (sign === 45) exponent = -exponent;
      position = at;
    }
    this.position = position;
    const value =
      lowScale <= 1e7 ? decimalToFloat64(high, low, lowScale, exponent - Math.max(0, fractionDigits)) : NaN;
    if (Number.isNaN(value)) return Number(decode(bytes, start, position));
    return negative ? -value : value;
  }

  /** @throws FormatError that names the line of the position. */
  fail(problem: string, hint?: string): never {
    let line = 1;
    for (
      let i = this.bytes.indexOf(LINE_FEED);
      i >= 0 && i < this.position;
      i = this.bytes.indexOf(LINE_FEED, i + 1)
    ) {
      line++;
    }
    throw new FormatError(this.format, `line ${line}: ${problem}`, hint);
  }

  /** What stands at the position, for messages. */
  quote(): string {
    if (this.position >= this.bytes.length) return 'the end of the file';
    if (this.atLineEnd()) return 'the end of the line';
    const end = Math.min(this.bytes.length, this.position + 24);
    return JSON.stringify(decode(this.bytes, this.position, end).replace(/\s.*/s, ''));
  }

  #special(start: number): number {
    const { bytes } = this;
    let end = start;
    while (end < bytes.length && end - start < 16 && isWordByte(bytes[end])) end++;
    const text = decode(bytes, start, end).toLowerCase();
    this.position = end;
    if (/^[+-]?nan(\(\w*\))?$|^[+-]?1\.#(ind|[qs]nan)0*$/.test(text)) return NaN;
    if (/^[+-]?(inf(inity)?|1\.#inf0*)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
    this.position = start;
    return this.fail(`expected a number, got ${this.quote()}`);
  }
}

function isLineEnd(byte: number): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

/** Bytes of the spellings of NaN and infinity; comma, semicolon and slash end them. */
function isWordByte(byte: number): boolean {
  return byte > SPACE && byte !== 44 && byte !== 59 && byte !== 47;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  // Chunks: the engine limits the number of arguments, and a number may have a million digits.
  let text = '';
  for (let i = start; i < end; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, Math.min(end, i + 4096)));
  }
  return text;
}
