import { FormatError } from '../errors.js';
import { arrayOfDtype, isDtype, type SafetensorsData, type SafetensorsTensor } from './dtypes.js';
import { parseHeader, type TensorEntry } from './safetensors-header.js';

export type { SafetensorsDtype, SafetensorsTensor } from './dtypes.js';

export interface ReadSafetensorsOptions {
  /** Headers longer than this are refused before they are looked at. @defaultValue 100 000 000, as upstream */
  maxHeaderBytes?: number;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** In the order of the header. */
  readonly tensors: Map<string, SafetensorsTensor>;
  /** The header's `__metadata__`; it has no prototype, so any name is only a name. */
  readonly metadata: Record<string, string>;
}

/**
 * Reads a safetensors file (https://huggingface.co/docs/safetensors, format). The file is not trusted: everything the
 * header says is checked against the bytes that are there before anything of that size is made.
 *
 * @param bytes - The whole file. The tensors are views of it where their alignment allows, and copies elsewhere.
 * @throws {@link FormatError} when the header is too long, is not the JSON the format asks for, names a tensor twice,
 *   or its tensors do not fill the rest of the file exactly.
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): Safetensors {
  const { maxHeaderBytes = 100_000_000 } = options;
  const headerLength = readHeaderLength(bytes, maxHeaderBytes);
  const { entries, metadata } = parseHeader(decodeUtf8(bytes.subarray(8, 8 + headerLength)));
  const content = bytes.subarray(8 + headerLength);
  assertFilled(entries, content.length);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    if (!isDtype(dtype)) {
      throw malformed(`tensor ${JSON.stringify(name)} has dtype ${JSON.stringify(dtype)}`, supported);
    }
    const wanted = shape.reduce((product, side) => product * side, arrayOfDtype[dtype].BYTES_PER_ELEMENT);
    if (wanted !== end - begin) {
      const what = `${dtype} [${shape.join(', ')}] takes ${wanted} bytes`;
      throw malformed(`tensor ${JSON.stringify(name)}: ${what}, its data_offsets span ${end - begin}`);
    }
    tensors.set(name, { dtype, shape, data: viewOrCopy(arrayOfDtype[dtype], content, begin, end) });
  }
  return { tensors, metadata };
}

const supported = `supported are ${Object.keys(arrayOfDtype).join(', ')}`;

function readHeaderLength(bytes: Uint8Array, maxHeaderBytes: number): number {
  if (bytes.length < 8) throw malformed(`${bytes.length} bytes, too short for the header's length`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw malformed(`the header is said to have ${length} bytes, the file has ${bytes.length - 8} more`);
  }
  if (Number(length) > maxHeaderBytes) {
    throw malformed(`the header has ${length} bytes, more than ${maxHeaderBytes}`, 'raise maxHeaderBytes');
  }
  return Number(length);
}

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

function viewOrCopy(
  ArrayType: (typeof arrayOfDtype)[keyof typeof arrayOfDtype],
  content: Uint8Array,
  begin: number,
  end: number,
): SafetensorsData {
  const count = (end - begin) / ArrayType.BYTES_PER_ELEMENT;
  const offset = content.byteOffset + begin;
  const { buffer } = content as Uint8Array<ArrayBuffer>;
  if (offset % ArrayType.BYTES_PER_ELEMENT === 0) return new ArrayType(buffer, offset, count);
  return new ArrayType(new Uint8Array(content.subarray(begin, end)).buffer, 0, count);
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('safetensors', problem, hint);
}
