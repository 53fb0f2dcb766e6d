import { FormatError } from '../errors.js';
import { arrayOfDtype, isDtype, type SafetensorsDtype } from './dtypes.js';
import { parseHeader, type TensorEntry } from './safetensors-header.js';

/** A tensor of a safetensors file before its elements are read: checked against the file. */
export interface TensorPlace {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Bytes [begin, end) of the data behind the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * How long the header is.
 *
 * @param start - The first 8 bytes of the file, or all there are.
 * @throws {@link FormatError} when it would not fit the file, or is longer than `maxHeaderBytes`.
 */
export function readHeaderLength(start: Uint8Array, fileSize: number, maxHeaderBytes: number): number {
  if (fileSize < 8) throw malformed(`${fileSize} bytes, too short for the header's length`);
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(fileSize - 8)) {
    throw malformed(`the header is said to have ${length} bytes, the file has ${fileSize - 8} more`);
  }
  if (Number(length) > maxHeaderBytes) {
    throw malformed(`the header has ${length} bytes, more than ${maxHeaderBytes}`, 'raise maxHeaderBytes');
  }
  return Number(length);
}

/**
 * Reads a header: which tensor lies where.
 *
 * @param header - The bytes of the header, without its length.
 * @param length - How many bytes of data follow it.
 * @throws {@link FormatError} when it is not the JSON the format asks for, or its tensors do not fill the data exactly.
 */
export function readLayout(header: Uint8Array, length: number) {
  const { entries, metadata } = parseHeader(decodeUtf8(header));
  assertFilled(entries, length);
  const places = new Map<string, TensorPlace>();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    if (!isDtype(dtype)) {
      throw malformed(`tensor ${JSON.stringify(name)} has dtype ${JSON.stringify(dtype)}`, supported);
    }
    const wanted = shape.reduce((product, side) => product * side, arrayOfDtype[dtype].BYTES_PER_ELEMENT);
    if (wanted !== end - begin) {
      const what = `${dtype} [${shape.join(', ')}] takes ${wanted} bytes`;
      throw malformed(`tensor ${JSON.stringify(name)}: ${what}, its data_offsets span ${end - begin}`);
    }
    places.set(name, { dtype, shape, begin, end });
  }
  return { places, metadata };
}

const supported = `supported are ${Object.keys(arrayOfDtype).join(', ')}`;

function decodeUtf8(header: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw malformed('the header is not valid UTF-8');
  }
}

/** Tensors one after another, none sharing bytes, from the first byte behind the header to the last. */
function assertFilled(entries: ReadonlyMap<string, TensorEntry>, length: number): void {
  const inFileOrder = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let filled = 0;
  for (const [name, { begin, end }] of inFileOrder) {
    const where = `tensor ${JSON.stringify(name)} at data_offsets [${begin}, ${end}]`;
    if (end < begin) throw malformed(`${where} ends before it begins`);
    if (end > length) throw malformed(`${where} ends behind the ${length} bytes of data`);
    if (begin < filled) throw malformed(`${where} overlaps the tensor before it, which ends at ${filled}`);
    if (begin > filled) throw malformed(`${where} leaves a hole behind ${filled}`);
    filled = end;
  }
  if (filled !== length) throw malformed(`${length - filled} bytes at the end belong to no tensor`);
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('safetensors', problem, hint);
}
