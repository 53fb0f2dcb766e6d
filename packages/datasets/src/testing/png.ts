import { crc32, deflateSync } from 'node:zlib';

/** A PNG of a kind that the library's own encoder does not write. */
export interface PngOptions {
  readonly width: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Row-major; palette entries where there is a palette, else grey. */
  readonly samples: readonly number[];
  /** Red, green, blue of every entry. */
  readonly palette?: readonly number[];
}

/** Writes grey and palette files bit by bit, from the PNG specification. */
export function buildPng({ width, depth, samples, palette }: PngOptions): Uint8Array {
  const rows: number[] = [];
  for (let start = 0; start < samples.length; start += width) {
    const row = samples.slice(start, start + width);
    const bits = row.map((sample) => sample.toString(2).padStart(depth, '0')).join('');
    rows.push(0, ...(bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
  }
  const height = samples.length / width;
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, depth, palette ? 3 : 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(palette))] : []),
    chunk('IDAT', deflateSync(Buffer.from(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
