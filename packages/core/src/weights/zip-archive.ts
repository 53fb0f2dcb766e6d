import { crc32 } from '../crc32.js';
import { FormatError } from '../errors.js';
import { inflateRaw } from '../inflate.js';
import type { ByteSource } from './byte-source.js';
import { readZipDirectory, type ZipEntry } from './zip-directory.js';

/** The files inside a zip file, read one by one and only as far as they are wanted. It keeps `source`. */
export class ZipArchive {
  /** Entries whose checksum was found right. */
  private readonly intact = new Set<string>();

  private constructor(
    private readonly source: ByteSource,
    private readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  /** @throws {@link FormatError} when the directory is missing, damaged or hostile: see {@link readZipDirectory}. */
  static async open(source: ByteSource): Promise<ZipArchive> {
    return new ZipArchive(source, await readZipDirectory(source));
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  /** Length of an entry in bytes; undefined when there is none of that name. */
  size(name: string): number | undefined {
    return this.entries.get(name)?.size;
  }

  /**
   * Bytes `start` up to, not including, `end` of an entry. Its checksum is verified when it is first read.
   *
   * @throws {@link FormatError} when the entry is missing or damaged.
   */
  async read(name: string, start = 0, end = this.size(name) ?? 0): Promise<Uint8Array> {
    const entry = this.entries.get(name);
    if (!entry) throw new FormatError('zip', `there is no entry ${JSON.stringify(name)}`);
    const dataStart = await this.findData(entry);
    if (entry.isDeflated) return (await this.inflate(entry, dataStart)).slice(start, end);
    const isWhole = start === 0 && end === entry.size;
    if (!isWhole) await this.verifyInPieces(entry, dataStart);
    const bytes = await this.source.read(dataStart + start, dataStart + end);
    if (isWhole) this.verify(entry, () => crc32(bytes));
    return bytes;
  }

  /** The directory does not say how long the local header is; the local header must be of the same entry. */
  private async findData({ name, headerOffset, compressedSize }: ZipEntry): Promise<number> {
    const nameBytes = new TextEncoder().encode(name);
    const end = headerOffset + 30 + nameBytes.length;
    const header = await this.source.read(headerOffset, Math.min(end, this.source.size));
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    const isHeader = header.length === 30 + nameBytes.length && view.getUint32(0, true) === 0x04034b50;
    const isSame = isHeader && view.getUint16(26, true) === nameBytes.length;
    if (!isSame || !nameBytes.every((byte, i) => byte === header[30 + i])) {
      throw new FormatError('zip', `entry ${JSON.stringify(name)} does not start where the directory says`);
    }
    const start = end + view.getUint16(28, true);
    if (start + compressedSize > this.source.size) {
      throw new FormatError('zip', `entry ${JSON.stringify(name)} is cut off`);
    }
    return start;
  }

  private async inflate(entry: ZipEntry, start: number): Promise<Uint8Array> {
    if (entry.size > maxInflatedBytes) {
      const what = `entry ${JSON.stringify(entry.name)} inflates to ${entry.size} bytes`;
      throw new FormatError('zip', `${what}, more than ${maxInflatedBytes}`, 'store it uncompressed');
    }
    const bytes = inflateRaw(await this.source.read(start, start + entry.compressedSize), entry.size);
    this.verify(entry, () => crc32(bytes));
    return bytes;
  }

  private async verifyInPieces(entry: ZipEntry, start: number): Promise<void> {
    if (this.intact.has(entry.name)) return;
    let crc = 0;
    for (let at = 0; at < entry.size; at += pieceBytes) {
      const end = Math.min(at + pieceBytes, entry.size);
      crc = crc32(await this.source.read(start + at, start + end), crc);
    }
    this.verify(entry, () => crc);
  }

  private verify({ name, crc32 }: ZipEntry, actual: () => number): void {
    if (this.intact.has(name)) return;
    if (actual() !== crc32) {
      const what = `the bytes of ${JSON.stringify(name)} do not match their checksum`;
      throw new FormatError('zip', what, 'the file is damaged: download or copy it again');
    }
    this.intact.add(name);
  }
}

/** Deflated entries are inflated at once. PyTorch stores what is large, so nothing real comes near this. */
const maxInflatedBytes = 512 * 1024 * 1024;
const pieceBytes = 1024 * 1024;
