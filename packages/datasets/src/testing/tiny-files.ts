import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodePng } from '@anomclip/core/image';
import ndarray from 'ndarray';

/** Size of every tiny file. */
export const [height, width] = [4, 5];

/** A new folder of the system's temporary one. The caller removes it. */
export function createTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'anomclip-datasets-'));
}

/** Writes files given as relative path and contents, making the folders. */
export async function writeFiles(
  root: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), contents);
  }
}

/** 4 x 5 image; pixel (row, column) is (10 row, 10 column, blue). */
export function rgbPng(blue = 0): Uint8Array {
  const values = raster((row, column) => [10 * row, 10 * column, blue]).flat();
  return encodePng(ndarray(Uint8Array.from(values), [height, width, 3]));
}

/** 4 x 5 mask with the class id 253, which is how the original marks a hole, in the given cells. */
export function truthPng(anomalous: readonly (readonly [number, number])[] = []): Uint8Array {
  const values = raster((row, column) => (anomalous.some(([r, c]) => r === row && c === column) ? 253 : 0));
  return encodePng(ndarray(Uint8Array.from(values), [height, width]));
}

/** Coordinates of the tiny scan; the first pixel was not measured. */
export function pointAt(row: number, column: number): [number, number, number] {
  return row === 0 && column === 0 ? [0, 0, 0] : [0.125 * column, 0.25 * row, 0.5];
}

/**
 * 4 x 5 uncompressed TIFF of three interleaved floats, built here by hand from the TIFF 6.0 specification so that the
 * tests do not depend on our own writer.
 */
export function xyzTiff({ littleEndian = true, bits = 32, rows = height } = {}): Uint8Array {
  const values = raster(pointAt)
    .slice(0, rows * width)
    .flat();
  const [headerSize, tagCount] = [8, 10];
  const bitsOffset = headerSize + 2 + 12 * tagCount + 4;
  const dataOffset = bitsOffset + 12; // 3 x BitsPerSample and 3 x SampleFormat
  const bytes = new Uint8Array(dataOffset + (values.length * bits) / 8);
  const view = new DataView(bytes.buffer);
  bytes.set(littleEndian ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, headerSize, littleEndian);
  view.setUint16(headerSize, tagCount, littleEndian);
  const [short, long] = [3, 4];
  const tags: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, long, 1, width],
    [257, long, 1, rows],
    [258, short, 3, bitsOffset],
    [259, short, 1, 1], // no compression
    [262, short, 1, 2], // RGB
    [273, long, 1, dataOffset], // the one strip
    [277, short, 1, 3], // samples per pixel
    [278, long, 1, rows],
    [279, long, 1, bytes.length - dataOffset],
    [339, short, 3, bitsOffset + 6],
  ];
  for (const [i, [tag, type, count, value]] of tags.entries()) {
    const offset = headerSize + 2 + 12 * i;
    view.setUint16(offset, tag, littleEndian);
    view.setUint16(offset + 2, type, littleEndian);
    view.setUint32(offset + 4, count, littleEndian);
    if (type === short && count === 1) view.setUint16(offset + 8, value, littleEndian);
    else view.setUint32(offset + 8, value, littleEndian);
  }
  for (let i = 0; i < 3; i++) {
    view.setUint16(bitsOffset + 2 * i, bits, littleEndian);
    view.setUint16(bitsOffset + 6 + 2 * i, 3, littleEndian); // IEEE floating point
  }
  for (const [i, value] of values.entries()) {
    if (bits === 32) view.setFloat32(dataOffset + 4 * i, value, littleEndian);
    else view.setFloat64(dataOffset + 8 * i, value, littleEndian);
  }
  return bytes;
}

function raster<Value>(at: (row: number, column: number) => Value): Value[] {
  return Array.from({ length: height * width }, (_, i) => at(Math.floor(i / width), i % width));
}
