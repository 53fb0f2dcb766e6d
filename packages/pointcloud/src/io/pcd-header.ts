import { FormatError } from '@anomclip/core';
import {
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  type ScalarType,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from './scalar-types.js';

export interface PcdFieldHeader {
  /** `_` is padding. */
  readonly name: string;
  readonly type: ScalarType;
  /** Values per point. */
  readonly count: number;
}

export interface PcdHeader {
  readonly fields: readonly PcdFieldHeader[];
  readonly width: number;
  readonly height: number;
  readonly points: number;
  /** Where the sensor was, x y z, and how it was turned, quaternion w x y z. */
  readonly viewpoint: readonly number[];
  readonly data: 'ascii' | 'binary' | 'binary_compressed';
  /** First byte after the DATA line. */
  readonly dataOffset: number;
}

const TYPES = new Map<string, ScalarType>([
  ['I1', INT8],
  ['I2', INT16],
  ['I4', INT32],
  ['I8', INT64],
  ['U1', UINT8],
  ['U2', UINT16],
  ['U4', UINT32],
  ['U8', UINT64],
  ['F4', FLOAT32],
  ['F8', FLOAT64],
]);

const KEYWORDS = new Set(
  'VERSION FIELDS COLUMNS SIZE TYPE COUNT WIDTH HEIGHT VIEWPOINT POINTS DATA'.split(' '),
);
const ENCODINGS: readonly string[] = ['ascii', 'binary', 'binary_compressed'] satisfies PcdHeader['data'][];

/** A header is text before data of any size: look no further than this for its end. */
const LONGEST_HEADER = 2 ** 20;

/** Reads the header; counts are as the file states them, unchecked. */
export function readPcdHeader(bytes: Uint8Array): PcdHeader {
  const { entries, dataOffset } = headerEntries(bytes);
  const names = entries.get('FIELDS') ?? entries.get('COLUMNS');
  if (!names?.length) throw new FormatError('PCD', 'the header has no FIELDS line');
  const sizes = fieldEntries(entries, 'SIZE', names.length);
  const types = fieldEntries(entries, 'TYPE', names.length);
  const counts = entries.has('COUNT') ? fieldEntries(entries, 'COUNT', names.length) : names.map(() => '1');
  const fields = names.map((name, i) => ({
    name,
    type: scalarType(name, types[i], sizes[i]),
    count: wholeNumber('COUNT', counts[i]),
  }));

  const points = integerEntry(entries, 'POINTS');
  const height = integerEntry(entries, 'HEIGHT') ?? 1;
  const width = integerEntry(entries, 'WIDTH') ?? points;
  if (width === undefined) throw new FormatError('PCD', 'the header has neither WIDTH nor POINTS');
  if (points !== undefined && points !== width * height) {
    throw new FormatError('PCD', `POINTS is ${points}, but WIDTH × HEIGHT is ${width} × ${height}`);
  }
  const data = (entries.get('DATA') ?? [])[0]?.toLowerCase();
  if (!ENCODINGS.includes(data)) {
    throw new FormatError('PCD', `unknown DATA ${JSON.stringify(data)}`, `known are ${ENCODINGS.join(', ')}`);
  }
  return {
    fields,
    width,
    height,
    points: width * height,
    viewpoint: viewpoint(entries.get('VIEWPOINT')),
    data: data as PcdHeader['data'],
    dataOffset,
  };
}

/** Whether the bytes start as PCD files do: with a comment that says so, or with a header line. */
export function isPcd(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  return /^\s*(#\s*\.?PCD|VERSION\s|FIELDS\s|COLUMNS\s)/i.test(head);
}

/** The words after each keyword, up to and including DATA. */
function headerEntries(bytes: Uint8Array): { entries: Map<string, string[]>; dataOffset: number } {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST_HEADER));
  const entries = new Map<string, string[]>();
  for (let start = 0; start < head.length; ) {
    const lineEnd = head.indexOf('\n', start);
    if (lineEnd < 0) break;
    const [keyword, ...words] = head.slice(start, lineEnd).trim().split(/\s+/);
    start = lineEnd + 1;
    if (keyword === '' || keyword.startsWith('#')) continue;
    if (!KEYWORDS.has(keyword)) {
      throw new FormatError('PCD', `unknown header line "${keyword.slice(0, 40)}"`, 'is this a PCD file?');
    }
    entries.set(keyword, words);
    if (keyword === 'DATA') return { entries, dataOffset: start };
  }
  throw new FormatError('PCD', 'the header has no DATA line', 'the file may be truncated');
}

function fieldEntries(entries: Map<string, string[]>, keyword: string, count: number): string[] {
  const words = entries.get(keyword) ?? [];
  if (words.length !== count) {
    throw new FormatError('PCD', `${keyword} has ${words.length} entries for ${count} fields`);
  }
  return words;
}

function scalarType(field: string, letter: string, size: string): ScalarType {
  const type = TYPES.get(`${letter.toUpperCase()}${size}`);
  if (!type) {
    throw new FormatError(
      'PCD',
      `field "${field.slice(0, 40)}" has TYPE ${letter.slice(0, 8)} and SIZE ${size.slice(0, 8)}`,
      'known are I and U of 1, 2, 4, 8 bytes and F of 4, 8 bytes',
    );
  }
  return type;
}

function integerEntry(entries: Map<string, string[]>, keyword: string): number | undefined {
  const words = entries.get(keyword);
  return words && wholeNumber(keyword, words[0]);
}

function wholeNumber(keyword: string, text = ''): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new FormatError(
      'PCD',
      `${keyword} is "${text.slice(0, 20)}"`,
      'it should be a whole number below 10⁹',
    );
  }
  return Number(text);
}

function viewpoint(words: readonly string[] = ['0', '0', '0', '1', '0', '0', '0']): number[] {
  const numbers = words.map(Number);
  if (numbers.length !== 7 || !numbers.every(Number.isFinite)) {
    throw new FormatError(
      'PCD',
      `VIEWPOINT is "${words.join(' ').slice(0, 60)}"`,
      'it should be seven numbers',
    );
  }
  return numbers;
}
