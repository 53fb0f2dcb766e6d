import { FormatError } from '../errors.js';
import type { ByteSource } from './byte-source.js';

/** A file inside a zip file, as the central directory describes it: checked against the size of the zip file. */
export interface ZipEntry {
  readonly name: string;
  /** Length in bytes, uncompressed. */
  readonly size: number;
  readonly compressedSize: number;
  readonly isDeflated: boolean;
  readonly crc32: number;
  /** Where the entry's local header starts. */
  readonly headerOffset: number;
}

/**
 * Reads the central directory of a zip file (APPNOTE.TXT 6.3.10), ZIP64 included. The file is not trusted: entries that
 * overlap, leave the file, are there twice, are encrypted, or have names that leave the folder are refused.
 *
 * @throws {@link FormatError} for those, and for whatever is no zip file or is cut off.
 */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { count, start, size } = await findDirectory(source);
  const bytes = await source.read(start, start + size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, end } = readEntry(bytes, view, at);
    if (entries.has(entry.name)) throw malformed(`${JSON.stringify(entry.name)} is there twice`);
    entries.set(entry.name, entry);
    at = end;
  }
  if (at !== size) throw malformed(`its directory has ${size} bytes, its ${count} entries take ${at}`);
  assertApart([...entries.values()], start);
  return entries;
}

/** Larger directories than this are refused: the largest checkpoints have some thousand entries. */
const maxDirectoryBytes = 32 * 1024 * 1024;

const endLength = 22;
const locatorLength = 20;
const recordLength = 56;

/** Where the directory is: said by the end record, and by the ZIP64 record where there is one. */
async function findDirectory(source: ByteSource): Promise<{ count: number; start: number; size: number }> {
  const tailStart = Math.max(0, source.size - endLength - 0xffff);
  const tail = await source.read(tailStart, source.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const end = lastEnd(view);
  if (end === undefined) {
    throw malformed(
      'it has no directory at its end',
      'it is no zip file, or it was cut off: download it again',
    );
  }
  const hasLocator = end >= locatorLength && view.getUint32(end - locatorLength, true) === 0x07064b50;
  const found = hasLocator
    ? await readZip64Record(source, safe(view.getBigUint64(end - locatorLength + 8, true)))
    : {
        count: view.getUint16(end + 10, true),
        size: view.getUint32(end + 12, true),
        start: view.getUint32(end + 16, true),
      };
  if (found.start + found.size > tailStart + end) {
    throw malformed(`its directory at ${found.start} with ${found.size} bytes reaches into its end`);
  }
  if (found.size > maxDirectoryBytes) throw malformed(`its directory has ${found.size} bytes`);
  return found;
}

/** The last end record whose comment reaches to the end of the file. */
function lastEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - endLength; at >= 0; at--) {
    const isEnd = view.getUint32(at, true) === 0x06054b50;
    if (isEnd && at + endLength + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  return undefined;
}

/** PyTorch always writes this record, also when the numbers of the ordinary one would do. */
async function readZip64Record(source: ByteSource, at: number) {
  if (at + recordLength > source.size) throw malformed(`its ZIP64 record is said to be at ${at}`);
  const bytes = await source.read(at, at + recordLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x06064b50) throw malformed(`there is no ZIP64 record at ${at}`);
  const [count, size, start] = [32, 40, 48].map((field) => safe(view.getBigUint64(field, true)));
  return { count, size, start };
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): { entry: ZipEntry; end: number } {
  if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) {
    throw malformed(`there is no entry at byte ${at} of its directory`);
  }
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const end = extraEnd + view.getUint16(at + 32, true);
  if (end > bytes.length) throw malformed(`the entry at byte ${at} of its directory is cut off`);
  const name = entryName(bytes.subarray(at + 46, nameEnd));
  const where = `entry ${JSON.stringify(name)}`;
  if (view.getUint16(at + 8, true) & 1)
    throw malformed(`${where} is encrypted`, 'save it without a password');
  const method = view.getUint16(at + 10, true);
  if (method !== 0 && method !== 8) {
    throw malformed(`${where} is compressed by method ${method}`, 'store it, or use deflate');
  }
  const [size, compressedSize, headerOffset] = wideNumbers(view, nameEnd, extraEnd, where, [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]);
  if (method === 0 && size !== compressedSize) throw malformed(`${where} is stored, yet has two sizes`);
  const crc32 = view.getUint32(at + 16, true);
  return { entry: { name, size, compressedSize, isDeflated: method === 8, crc32, headerOffset }, end };
}

function entryName(bytes: Uint8Array): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('the name of an entry is not UTF-8');
  }
  const leaves = name.startsWith('/') || /[\\\0]|^[a-z]:/i.test(name) || name.split('/').includes('..');
  if (leaves) throw malformed(`the name ${JSON.stringify(name)} leaves the folder`);
  return name;
}

/** Numbers that do not fit 32 bits are 0xffffffff in the entry, and follow in the extra field with id 1, in order. */
function wideNumbers(view: DataView, start: number, end: number, where: string, narrow: number[]): number[] {
  if (!narrow.includes(0xffffffff)) return narrow;
  for (let at = start; at + 4 <= end; ) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    let next = at + 4;
    at = next + length;
    if (id !== 1 || at > end) continue;
    return narrow.map((number) => {
      if (number !== 0xffffffff) return number;
      if (next + 8 > at) throw malformed(`${where} lacks its ZIP64 numbers`);
      next += 8;
      return safe(view.getBigUint64(next - 8, true));
    });
  }
  throw malformed(`${where} lacks its ZIP64 numbers`);
}

/** Entries that share bytes make a small file hold an endless amount. */
function assertApart(entries: ZipEntry[], directoryStart: number): void {
  entries.sort((a, b) => a.headerOffset - b.headerOffset);
  for (const [i, { name, headerOffset, compressedSize }] of entries.entries()) {
    const limit = entries[i + 1]?.headerOffset ?? directoryStart;
    if (headerOffset + 30 + compressedSize > limit) {
      throw malformed(`entry ${JSON.stringify(name)} reaches into what follows it`);
    }
  }
}

function safe(number: bigint): number {
  if (number > BigInt(Number.MAX_SAFE_INTEGER))
    throw malformed(`it says ${number} where a size or place belongs`);
  return Number(number);
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('zip', problem, hint);
}
