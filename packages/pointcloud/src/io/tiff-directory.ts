import { FormatError } from '@anomclip/core';
import { viewOf } from './scalar-types.js';

/** One image of a TIFF file: what its tags say, with the defaults of TIFF 6.0. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly samplesPerPixel: number;
  /** One entry per sample. */
  readonly bitsPerSample: readonly number[];
  readonly sampleFormat: readonly number[];
  readonly compression: number;
  readonly predictor: number;
  /** Whether samples lie in planes of their own. */
  readonly planar: boolean;
  /** Size of a tile; a strip is a tile as wide as the image whose last one may be shorter. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly tiled: boolean;
  /** Where each strip or tile starts, and how long it is. */
  readonly offsets: readonly number[];
  readonly byteCounts: readonly number[];
  readonly description: string;
}

export interface TiffFile {
  readonly littleEndian: boolean;
  /** The images, without thumbnails and transparency masks. */
  readonly pages: readonly TiffPage[];
}

const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  sampleFormat: 339,
} as const;

/** Bytes of a value of the types that the tags above come in: BYTE, ASCII, SHORT, LONG, LONG8. */
const TYPE_BYTES = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [16, 8],
]);

/**
 * Directories and lists may share bytes in a valid file, but not many times over: reading more than this many times
 * the file's length means that they were made to overlap.
 */
const MOST_READS = 4;

/** Reads the directories of a TIFF or BigTIFF file. Counts are bounded by the file, positions are not yet checked. */
export function readTiffDirectories(bytes: Uint8Array): TiffFile {
  const reader = new DirectoryReader(bytes);
  const pages: TiffPage[] = [];
  for (const tags of reader.directories()) {
    // Bit 0: a smaller copy, bit 2: a transparency mask.
    if (((reader.numbers(tags, TAG.subfileType)?.[0] ?? 0) & 5) === 0) pages.push(readPage(reader, tags));
  }
  return { littleEndian: reader.littleEndian, pages };
}

/** Whether the bytes start as a TIFF or BigTIFF file does. */
export function isTiff(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  if (a === 0x49 && b === 0x49) return (c === 42 || c === 43) && d === 0;
  return a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43);
}

/** Where a tag's values are. */
interface TagEntry {
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

type Tags = ReadonlyMap<number, TagEntry>;

class DirectoryReader {
  readonly littleEndian: boolean;
  readonly #view: DataView;
  readonly #big: boolean;
  #bytesLeft: number;

  constructor(bytes: Uint8Array) {
    if (!isTiff(bytes)) throw new FormatError('TIFF', 'the file does not start as a TIFF file does');
    this.littleEndian = bytes[0] === 0x49;
    this.#big = bytes[2] === 43 || bytes[3] === 43;
    this.#view = viewOf(bytes);
    this.#bytesLeft = MOST_READS * bytes.length;
  }

  /** The directories in file order, each as the places of its tags. */
  *directories(): Generator<Tags> {
    const entryBytes = this.#big ? 20 : 12;
    const countBytes = this.#big ? 8 : 2;
    if (this.#big && this.#integer(4, 2) !== 8)
      throw new FormatError('TIFF', 'a BigTIFF whose offsets are not 8 bytes');
    let offset = this.#big ? this.#integer(8, 8) : this.#integer(4, 4);
    if (offset === 0) throw new FormatError('TIFF', 'the file has no image');
    while (offset !== 0) {
      const count = this.#integer(offset, countBytes);
      const start = offset + countBytes;
      const end = start + count * entryBytes;
      this.#spend(offset, end - offset);
      const tags = new Map<number, TagEntry>();
      for (let at = start; at < end; at += entryBytes) tags.set(this.#integer(at, 2), this.#entry(at));
      yield tags;
      offset = this.#integer(end, this.#big ? 8 : 4);
    }
  }

  /** The values of a tag; undefined when it is absent. */
  numbers(tags: Tags, tag: number): number[] | undefined {
    const entry = tags.get(tag);
    if (!entry) return undefined;
    const bytes = TYPE_BYTES.get(entry.type);
    if (!bytes || entry.count === 0)
      throw new FormatError('TIFF', `tag ${tag} has type ${entry.type}, count ${entry.count}`);
    this.#spend(entry.offset, bytes * entry.count);
    return Array.from({ length: entry.count }, (_, i) => this.#integer(entry.offset + i * bytes, bytes));
  }

  /** The single value of a tag. */
  number(tags: Tags, tag: number, missing?: number): number {
    const value = this.numbers(tags, tag)?.[0] ?? missing;
    if (value === undefined) throw new FormatError('TIFF', `the required tag ${tag} is missing`);
    return value;
  }

  /** The text of a tag, '' when it is absent. */
  text(tags: Tags, tag: number): string {
    const entry = tags.get(tag);
    if (entry?.type !== 2) return '';
    this.#spend(entry.offset, entry.count);
    const { buffer, byteOffset } = this.#view;
    const text = new TextDecoder().decode(new Uint8Array(buffer, byteOffset + entry.offset, entry.count));
    return text.replace(/\0.*$/s, '');
  }

  #entry(at: number): TagEntry {
    const type = this.#integer(at + 2, 2);
    const count = this.#integer(at + 4, this.#big ? 8 : 4);
    const value = at + (this.#big ? 12 : 8);
    const width = this.#big ? 8 : 4;
    const isInline = (TYPE_BYTES.get(type) ?? 1) * count <= width;
    return { type, count, offset: isInline ? value : this.#integer(value, width) };
  }

  #integer(offset: number, bytes: number): number {
    const view = this.#view;
    if (offset + bytes > view.byteLength)
      throw new FormatError('TIFF', `the file ends before byte ${offset}`, 'it may be truncated');
    if (bytes === 1) return view.getUint8(offset);
    if (bytes === 2) return view.getUint16(offset, this.littleEndian);
    if (bytes === 4) return view.getUint32(offset, this.littleEndian);
    return Number(view.getBigUint64(offset, this.littleEndian));
  }

  /** Refuses what does not lie in the file, and files that make us read the same bytes again and again. */
  #spend(offset: number, bytes: number): void {
    if (offset + bytes > this.#view.byteLength) {
      throw new FormatError('TIFF', `${bytes} bytes at ${offset} are not in the file`, 'it may be truncated');
    }
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0) throw new FormatError('TIFF', 'directories overlap');
  }
}

function readPage(reader: DirectoryReader, tags: Tags): TiffPage {
  const width = reader.number(tags, TAG.width);
  const height = reader.number(tags, TAG.height);
  const tiled = tags.has(TAG.tileOffsets);
  if (reader.number(tags, TAG.fillOrder, 1) !== 1)
    throw new FormatError('TIFF', 'bytes with reversed bits (FillOrder 2)');
  return {
    width,
    height,
    samplesPerPixel: reader.number(tags, TAG.samplesPerPixel, 1),
    bitsPerSample: reader.numbers(tags, TAG.bitsPerSample) ?? [1],
    sampleFormat: reader.numbers(tags, TAG.sampleFormat) ?? [1],
    compression: reader.number(tags, TAG.compression, 1),
    predictor: reader.number(tags, TAG.predictor, 1),
    planar: reader.number(tags, TAG.planarConfiguration, 1) === 2,
    tiled,
    tileWidth: tiled ? reader.number(tags, TAG.tileWidth) : width,
    tileHeight: tiled
      ? reader.number(tags, TAG.tileHeight)
      : Math.min(height, reader.number(tags, TAG.rowsPerStrip, height)),
    offsets: reader.numbers(tags, tiled ? TAG.tileOffsets : TAG.stripOffsets) ?? [],
    byteCounts: reader.numbers(tags, tiled ? TAG.tileByteCounts : TAG.stripByteCounts) ?? [],
    description: reader.text(tags, TAG.description),
  };
}
