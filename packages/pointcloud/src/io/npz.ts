import { FormatError } from '@anomclip/core';
import { inflateRaw } from './inflate.js';
import { isNpy, type NpyArray, readNpy } from './npy.js';
import { checkInflatedBytes, type ReadLimits, resolveLimits } from './read-limits.js';
import { viewOf } from './scalar-types.js';

/** One file in the archive, as the central directory has it. */
interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const IN_ZIP64_FIELD = 0xffffffff;
const [STORED, DEFLATED] = [0, 8];

/**
 * Reads a NumPy NPZ file, compressed or not: the arrays by name, without their `.npy`. Members that are no NPY files
 * are left out.
 *
 * @param limits - `maxPoints` holds for each array, `maxInflatedBytes` for all members together.
 * @throws FormatError for a malformed archive, and for arrays that {@link readNpy} refuses.
 */
export function readNpz(bytes: Uint8Array, limits: ReadLimits = {}): Map<string, NpyArray> {
  const { maxInflatedBytes } = resolveLimits('readNpz', limits);
  const entries = readDirectory(bytes);
  checkInflatedBytes('NPZ', sum(entries, 'size'), maxInflatedBytes);
  // Members that share their bytes are a known way to make a small archive take long.
  if (sum(entries, 'compressedSize') > bytes.length)
    throw new FormatError('NPZ', 'members of the archive overlap');

  const arrays = new Map<string, NpyArray>();
  for (const entry of entries) {
    if (!entry.name.endsWith('.npy')) continue;
    const member = readMember(bytes, entry);
    if (isNpy(member)) arrays.set(entry.name.slice(0, -'.npy'.length), readNpy(member, limits));
  }
  return arrays;
}

/** Whether the bytes start as a ZIP archive does, empty archives included. */
export function isZip(bytes: Uint8Array): boolean {
  const [p, k, a, b] = bytes;
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6));
}

function readDirectory(bytes: Uint8Array): ZipEntry[] {
  const view = viewOf(bytes);
  const { count, offset } = findDirectory(view);
  const entries: ZipEntry[] = [];
  let at = offset;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY) throw broken();
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) throw broken();
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (view.getUint16(at + 8, true) & 1) throw new FormatError('NPZ', `member "${name}" is encrypted`);

    const zip64 = zip64Values(view, at + 46 + nameLength, extraLength);
    const wide = (value: number): number => (value === IN_ZIP64_FIELD ? (zip64.shift() ?? value) : value);
    const size = wide(view.getUint32(at + 24, true)); // in this order: the field holds only those that need it
    const compressedSize = wide(view.getUint32(at + 20, true));
    const headerOffset = wide(view.getUint32(at + 42, true));
    entries.push({ name, method: view.getUint16(at + 10, true), compressedSize, size, headerOffset });
    at = next;
  }
  return entries;
}

/** Where the directory starts and how many entries it has: from the record at the end of the file. */
function findDirectory(view: DataView): { count: number; offset: number } {
  const last = view.byteLength - 22;
  // A comment of up to 65 535 bytes may follow the record.
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== END_OF_DIRECTORY) continue;
    const count = view.getUint16(at + 10, true);
    const offset = view.getUint32(at + 16, true);
    if (count !== 0xffff && offset !== IN_ZIP64_FIELD) return { count, offset };
    if (at < 20 || view.getUint32(at - 20, true) !== LOCATOR_64) return { count, offset };
    const record = Number(view.getBigUint64(at - 12, true));
    if (record + 56 > view.byteLength || view.getUint32(record, true) !== END_OF_DIRECTORY_64) throw broken();
    return {
      count: Number(view.getBigUint64(record + 32, true)),
      offset: Number(view.getBigUint64(record + 48, true)),
    };
  }
  throw new FormatError('NPZ', 'there is no ZIP directory at the end of the file', 'it may be truncated');
}

/** The 64-bit values of the ZIP64 extra field, [] without one. */
function zip64Values(view: DataView, start: number, length: number): number[] {
  const end = start + length;
  for (let at = start; at + 4 <= end; ) {
    const fieldEnd = Math.min(end, at + 4 + view.getUint16(at + 2, true));
    if (view.getUint16(at, true) === 1) {
      const values: number[] = [];
      for (let i = at + 4; i + 8 <= fieldEnd; i += 8) values.push(Number(view.getBigUint64(i, true)));
      return values;
    }
    at = fieldEnd;
  }
  return [];
}

function readMember(
  bytes: Uint8Array,
  { name, method, compressedSize, size, headerOffset }: ZipEntry,
): Uint8Array {
  const view = viewOf(bytes);
  if (headerOffset + 30 > bytes.length || view.getUint32(headerOffset, true) !== LOCAL_HEADER) throw broken();
  const start =
    headerOffset + 30 + view.getUint16(headerOffset + 26, true) + view.getUint16(headerOffset + 28, true);
  if (start + compressedSize > bytes.length) throw broken();
  const data = bytes.subarray(start, start + compressedSize);
  if (method === DEFLATED) return inflateRaw('NPZ', data, size);
  if (method !== STORED) {
    throw new FormatError(
      'NPZ',
      `member "${name}" is compressed by method ${method}`,
      'known are stored and Deflate',
    );
  }
  if (size !== compressedSize) throw broken();
  return data;
}

function sum(entries: readonly ZipEntry[], key: 'size' | 'compressedSize'): number {
  return entries.reduce((total, entry) => total + entry[key], 0);
}

function broken(): FormatError {
  return new FormatError('NPZ', 'the ZIP directory is broken', 'the file may be truncated or damaged');
}
