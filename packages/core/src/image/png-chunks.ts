import { crc32 } from '../crc32.js';
import { FormatError } from '../errors.js';
import { assertPixelLimit, type DecodeOptions } from './decode-options.js';

/** What a PNG file says about its pixels, and the pixels still filtered and compressed. */
export interface PngChunks {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Samples per pixel; a palette index is one sample. */
  readonly channels: number;
  readonly isInterlaced: boolean;
  /** Red, green, blue of every index; only for indexed colours. */
  readonly palette?: Uint8Array;
  /** A zlib stream. */
  readonly compressed: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Samples per pixel and allowed bit depths of every colour type (PNG, table 11.1). */
const COLOUR_TYPES: ReadonlyMap<number, { channels: number; depths: readonly number[] }> = new Map([
  [0, { channels: 1, depths: [1, 2, 4, 8, 16] }], // grey
  [2, { channels: 3, depths: [8, 16] }], // red, green, blue
  [3, { channels: 1, depths: [1, 2, 4, 8] }], // palette
  [4, { channels: 2, depths: [8, 16] }], // grey, alpha
  [6, { channels: 4, depths: [8, 16] }], // red, green, blue, alpha
]);

/**
 * Takes a PNG file apart (https://www.w3.org/TR/png-3/, section 5): header, palette and pixel data are compared with
 * their checksums, what is not needed for the pixels is skipped.
 *
 * @throws {@link FormatError} when it is no PNG, is cut off or damaged, or has more than `maxPixels` pixels.
 */
export function readPngChunks(bytes: Uint8Array, options: DecodeOptions): PngChunks {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) throw malformed('the file does not start as a PNG');
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  const parts: Uint8Array[] = [];
  for (const { type, content } of chunksOf(bytes)) {
    if ((type === 'IHDR') !== (header === undefined)) throw malformed(`chunk ${type} is out of place`);
    if (type === 'IHDR') {
      header = parseHeader(content);
      assertPixelLimit('PNG', header.width, header.height, options);
    } else if (type === 'PLTE') {
      if (content.length % 3 !== 0) throw malformed(`a palette of ${content.length} bytes`);
      palette = content;
    } else if (type === 'IDAT') {
      parts.push(content);
    } else if (type !== 'IEND' && isCritical(type)) {
      throw malformed(`unknown critical chunk ${type}`);
    }
  }
  if (header === undefined) throw malformed('it has no header');
  const { hasPalette, ...layout } = header;
  if (hasPalette && palette === undefined) throw malformed('its palette is missing');
  return { ...layout, palette: hasPalette ? palette : undefined, compressed: concatenate(parts) };
}

interface Header extends Omit<PngChunks, 'compressed' | 'palette'> {
  readonly hasPalette: boolean;
}

function parseHeader(content: Uint8Array): Header {
  if (content.length !== 13) throw malformed(`a header of ${content.length} bytes`);
  const view = new DataView(content.buffer, content.byteOffset);
  const [depth, colourType, compression, filter, interlace] = content.subarray(8);
  const layout = COLOUR_TYPES.get(colourType);
  if (!layout?.depths.includes(depth)) throw malformed(`colour type ${colourType} with ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw malformed(`unknown compression ${compression}, filter ${filter} or interlace method ${interlace}`);
  }
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth,
    channels: layout.channels,
    isInterlaced: interlace === 1,
    hasPalette: colourType === 3,
  };
}

interface Chunk {
  /** Four letters. */
  readonly type: string;
  readonly content: Uint8Array;
}

/** The chunks up to and with IEND. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = SIGNATURE.length;
  for (let type = ''; type !== 'IEND'; ) {
    if (at + 12 > bytes.length)
      throw malformed(`the file ends at byte ${bytes.length}, before its last chunk`);
    const length = view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) {
      throw malformed(`the file ends at byte ${bytes.length}, inside a chunk that goes on to ${end + 4}`);
    }
    if (isCritical(type) && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw malformed(`chunk ${JSON.stringify(type)} at byte ${at} does not match its checksum`);
    }
    yield { type, content: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

/** A capital first letter: the image cannot be understood without it. */
function isCritical(type: string): boolean {
  return (type.charCodeAt(0) & 0x20) === 0;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
function malformed(problem: string): FormatError {
  return new FormatError('PNG', problem);
}
