import { FormatError } from '@anomclip/core';
import {
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  type ScalarType,
  UINT8,
  UINT16,
  UINT32,
} from './scalar-types.js';

export type PlyFormat = 'ascii' | 'binary_little_endian' | 'binary_big_endian';

/** What the header says of one property: its type and, for a list, the type of the length before it. */
export interface PlyPropertyHeader {
  readonly name: string;
  readonly type: ScalarType;
  readonly countType?: ScalarType;
}

export interface PlyElementHeader {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly PlyPropertyHeader[];
}

export interface PlyHeader {
  readonly format: PlyFormat;
  readonly comments: readonly string[];
  readonly elements: readonly PlyElementHeader[];
  /** First byte of the data. */
  readonly dataOffset: number;
}

const TYPES = new Map<string, ScalarType>([
  ['char', INT8],
  ['int8', INT8],
  ['uchar', UINT8],
  ['uint8', UINT8],
  ['short', INT16],
  ['int16', INT16],
  ['ushort', UINT16],
  ['uint16', UINT16],
  ['int', INT32],
  ['int32', INT32],
  ['uint', UINT32],
  ['uint32', UINT32],
  ['float', FLOAT32],
  ['float32', FLOAT32],
  ['double', FLOAT64],
  ['float64', FLOAT64],
]);

const FORMATS: readonly string[] = [
  'ascii',
  'binary_little_endian',
  'binary_big_endian',
] satisfies PlyFormat[];

/** A header is text before data of any size: look no further than this for its end. */
const LONGEST_HEADER = 2 ** 20;

/** Reads the header; counts are as the file states them, unchecked. */
export function readPlyHeader(bytes: Uint8Array): PlyHeader {
  const { lines, dataOffset } = headerLines(bytes);
  const comments: string[] = [];
  const elements: { name: string; count: number; properties: PlyPropertyHeader[] }[] = [];
  const elementNames = new Set<string>();
  const propertyNames = new Set<string>(); // of the last element
  let format: string | undefined;

  for (const line of lines) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'comment') comments.push(line.trim().slice('comment'.length).trim());
    else if (keyword === 'obj_info' || keyword === '') continue;
    else if (keyword === 'format') {
      format = words[0];
      if (!FORMATS.includes(format)) throw unknown('format', format, FORMATS);
    } else if (keyword === 'element') {
      const [name, count] = words;
      if (words.length !== 2 || !/^\d{1,15}$/.test(count)) throw malformed(line);
      if (elementNames.has(name)) throw new FormatError('PLY', `two elements "${clip(name)}"`);
      elementNames.add(name);
      propertyNames.clear();
      elements.push({ name, count: Number(count), properties: [] });
    } else if (keyword === 'property') {
      const element = elements.at(-1);
      if (!element) throw new FormatError('PLY', `"${clip(line)}" stands before any element`);
      const property = readProperty(words, line);
      if (propertyNames.has(property.name)) {
        throw new FormatError(
          'PLY',
          `two properties "${clip(property.name)}" in element "${clip(element.name)}"`,
        );
      }
      propertyNames.add(property.name);
      element.properties.push(property);
    } else throw malformed(line);
  }
  if (format === undefined) throw new FormatError('PLY', 'the header has no format line');
  return { format: format as PlyFormat, comments, elements, dataOffset };
}

/** The lines between the magic and `end_header`. */
function headerLines(bytes: Uint8Array): { lines: string[]; dataOffset: number } {
  if (!isPly(bytes)) throw new FormatError('PLY', 'the file does not start with "ply" on a line of its own');
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST_HEADER));
  // A file keeps one kind of line end: after a lone \r, a \n would be the first byte of the data.
  const lineEnd = /\r\n|\r|\n/.exec(head)?.[0] ?? '\n';
  const end = new RegExp(`${lineEnd}end_header[ \\t]*${lineEnd}`).exec(head);
  if (!end) throw new FormatError('PLY', 'the header has no end_header line', 'the file may be truncated');
  return { lines: head.slice(0, end.index).split(lineEnd).slice(1), dataOffset: end.index + end[0].length };
}

/** Whether the bytes start as every PLY file does. */
export function isPly(bytes: Uint8Array): boolean {
  const [p, l, y, end] = bytes;
  return p === 0x70 && l === 0x6c && y === 0x79 && (end === 10 || end === 13 || end === 32);
}

function readProperty(words: readonly string[], line: string): PlyPropertyHeader {
  if (words[0] === 'list') {
    if (words.length !== 4) throw malformed(line);
    const countType = scalarType(words[1]);
    if (!countType.isInteger)
      throw new FormatError('PLY', `"${clip(line)}" counts in ${words[1]}, not in integers`);
    return { name: words[3], type: scalarType(words[2]), countType };
  }
  if (words.length !== 2) throw malformed(line);
  return { name: words[1], type: scalarType(words[0]) };
}

function scalarType(name: string): ScalarType {
  const type = TYPES.get(name);
  if (!type) throw unknown('property type', name, [...TYPES.keys()]);
  return type;
}

function malformed(line: string): FormatError {
  return new FormatError('PLY', `the header line "${clip(line)}" is malformed`);
}

function unknown(what: string, name: string | undefined, known: readonly string[]): FormatError {
  return new FormatError('PLY', `unknown ${what} "${clip(name ?? '')}"`, `known are ${known.join(', ')}`);
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
