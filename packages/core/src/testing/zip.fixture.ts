import { crc32, deflateRawSync } from 'node:zlib';

export interface FileToZip {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isDeflated?: boolean;
  /** Lies about the uncompressed size. */
  readonly size?: number;
  /** Bit 0: encrypted. */
  readonly flags?: number;
  /** Any but 0 and 8 is one nobody has. */
  readonly method?: number;
  readonly checksum?: number;
  /** Where the directory says that the entry starts. */
  readonly headerOffset?: number;
}

/** A zip file made by hand, so that it can be wrong in every way. */
export function zipOf(
  files: readonly FileToZip[],
  { isZip64 = false, count = files.length } = {},
): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const { bytes, isDeflated = false, size = bytes.length, flags = 0 } = file;
    const name = Buffer.from(file.name);
    const data = isDeflated ? deflateRawSync(bytes) : Buffer.from(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(file.method ?? (isDeflated ? 8 : 0), 4);
    fields.writeUInt32LE(file.checksum ?? crc32(bytes), 10);
    fields.writeUInt32LE(isZip64 ? 0xffffffff : data.length, 14);
    fields.writeUInt32LE(isZip64 ? 0xffffffff : size, 18);
    fields.writeUInt16LE(name.length, 22);
    const offset = file.headerOffset ?? at;
    const extra = isZip64 ? zip64Extra(size, data.length, offset) : Buffer.alloc(0);
    fields.writeUInt16LE(extra.length, 24);
    const local = [Buffer.from('PK\x03\x04'), fields, name, extra, data];
    parts.push(...local);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(isZip64 ? 0xffffffff : offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), fields, rest, name, extra);
    at += local.reduce((sum, { length }) => sum + length, 0);
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  return new Uint8Array(
    Buffer.concat([
      ...parts,
      ...directory,
      ...(isZip64 ? zip64End(count, at, size) : []),
      end(count, at, size, isZip64),
    ]),
  );
}

function zip64Extra(...numbers: number[]): Buffer {
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  numbers.forEach((number, i) => void extra.writeBigUInt64LE(BigInt(number), 4 + 8 * i));
  return extra;
}

function zip64End(count: number, start: number, size: number): Buffer[] {
  const record = Buffer.alloc(56);
  record.write('PK\x06\x06');
  record.writeBigUInt64LE(44n, 4);
  [count, count, size, start].forEach(
    (number, i) => void record.writeBigUInt64LE(BigInt(number), 24 + 8 * i),
  );
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07');
  locator.writeBigUInt64LE(BigInt(start + size), 8);
  return [record, locator];
}

function end(count: number, start: number, size: number, isZip64: boolean): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.write('PK\x05\x06');
  bytes.writeUInt16LE(isZip64 ? 0xffff : count, 8);
  bytes.writeUInt16LE(isZip64 ? 0xffff : count, 10);
  bytes.writeUInt32LE(isZip64 ? 0xffffffff : size, 12);
  bytes.writeUInt32LE(isZip64 ? 0xffffffff : start, 16);
  return bytes;
}
