import { deflateSync } from 'node:zlib';

/** A PNG for a test to read. */
export interface PngFixture {
  width: number;
  depth: number;
  colourType: number;
  channels: number;
  /** Row-major samples. */
  samples: readonly number[];
  palette?: readonly number[];
  /** Seven Adam7 grids instead of one. */
  interlaced?: boolean;
  /** Number of IDAT chunks. */
  parts?: number;
  /** Chunks before the pixels. */
  extra?: readonly Uint8Array[];
}

const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Writes PNG files of the kinds that the library's own encoder does not write. */
export function buildPng(fixture: PngFixture): Uint8Array {
  const {
    width,
    depth,
    colourType,
    channels,
    samples,
    palette,
    interlaced = false,
    parts = 1,
    extra = [],
  } = fixture;
  const height = samples.length / width / channels;
  const rows: number[] = [];
  for (const [left, top, stepX, stepY] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
    for (let y = top; y < height && left < width; y += stepY) {
      let bits = '';
      for (let x = left; x < width; x += stepX) {
        for (let channel = 0; channel < channels; channel++) {
          bits += samples[(y * width + x) * channels + channel].toString(2).padStart(depth, '0');
        }
      }
      rows.push(0, ...(bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
    }
  }
  const compressed = deflateSync(Uint8Array.from(rows));
  const partLength = Math.ceil(compressed.length / parts);
  return assemblePng([
    chunk('IHDR', [...bigEndian(width), ...bigEndian(height), depth, colourType, 0, 0, interlaced ? 1 : 0]),
    ...extra,
    ...(palette ? [chunk('PLTE', palette)] : []),
    ...Array.from({ length: parts }, (_, i) =>
      chunk('IDAT', compressed.subarray(i * partLength, (i + 1) * partLength)),
    ),
    chunk('IEND', []),
  ]);
}

export function assemblePng(chunks: readonly Uint8Array[]): Uint8Array {
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return new Uint8Array(Buffer.concat([signature, ...chunks]));
}

export function chunk(type: string, content: Iterable<number>): Uint8Array {
  const named = Uint8Array.from([...Buffer.from(type, 'latin1'), ...content]);
  return Uint8Array.from([...bigEndian(named.length - 4), ...named, ...bigEndian(crc32(named))]);
}

export function bigEndian(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** Bit by bit, as annex D of the PNG specification defines it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Makes the checksums of a damaged file right again, as far as its chunks can be followed. */
export function repairChecksums(file: Uint8Array): Uint8Array {
  const repaired = file.slice();
  const view = new DataView(repaired.buffer);
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > file.length) break;
    view.setUint32(end, crc32(repaired.subarray(at + 4, end)));
    at = end + 4;
  }
  return repaired;
}
