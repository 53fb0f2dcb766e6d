import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { zlibSync } from 'fflate';

export interface WriteXyzTiffOptions {
  /** @defaultValue 'none' */
  readonly compression?: 'none' | 'deflate';
}

const [SHORT, LONG] = [3, 4];
/** Strips of about this many bytes before compression, as TIFF 6.0 advises for readers with little memory. */
const STRIP_BYTES = 2 ** 16;

/**
 * Writes a scan as a little-endian TIFF of three 32-bit floats per pixel, interleaved, in strips.
 *
 * @throws ShapeError when `xyz` is not [H, W, 3] with at least one pixel: a TIFF cannot be empty.
 */
export function writeXyzTiff({ xyz }: OrganisedCloud, options: WriteXyzTiffOptions = {}): Uint8Array {
  const { compression = 'none' } = options;
  const [height, width, channels] = xyz.shape;
  if (xyz.shape.length !== 3 || channels !== 3 || height * width === 0) {
    throw new ShapeError('writeXyzTiff xyz', '[H, W, 3] with H and W above 0', xyz.shape);
  }
  if (compression !== 'none' && compression !== 'deflate') {
    throw new ArgumentError('writeXyzTiff compression', '"none" or "deflate"', compression);
  }
  const samples = littleEndianBytes(contiguous(xyz));
  const rowBytes = 12 * width;
  const rowsPerStrip = Math.min(height, Math.max(1, Math.floor(STRIP_BYTES / rowBytes)));
  const strips: Uint8Array[] = [];
  for (let start = 0; start < samples.length; start += rowsPerStrip * rowBytes) {
    const strip = samples.subarray(start, start + rowsPerStrip * rowBytes);
    strips.push(compression === 'deflate' ? zlibSync(strip) : strip);
  }
  return layOut(width, height, rowsPerStrip, strips, compression === 'deflate' ? 8 : 1);
}

/** Header, directory, lists the directory points to, then the strips. */
function layOut(
  width: number,
  height: number,
  rowsPerStrip: number,
  strips: readonly Uint8Array[],
  compression: number,
): Uint8Array {
  const tags: [tag: number, type: number, values: number[]][] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, [32, 32, 32]],
    [259, SHORT, [compression]],
    [262, SHORT, [2]], // RGB, as other writers of xyz say
    [273, LONG, strips.map(() => 0)], // filled in below, once known
    [277, SHORT, [3]],
    [278, LONG, [rowsPerStrip]],
    [279, LONG, strips.map(({ length }) => length)],
    [284, SHORT, [1]],
    [339, SHORT, [3, 3, 3]],
  ];
  const directoryOffset = 8;
  let offset = directoryOffset + 2 + 12 * tags.length + 4;
  const places = tags.map(([, type, values]) => {
    const bytes = (type === SHORT ? 2 : 4) * values.length;
    const place = offset;
    if (bytes > 4) offset += bytes + (bytes % 4); // lists start at even offsets
    return place;
  });
  const offsets = strips.map(({ length }) => {
    const start = offset;
    offset += length + (length % 2);
    return start;
  });

  const file = new Uint8Array(offset);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0, directoryOffset]);
  view.setUint16(directoryOffset, tags.length, true);
  tags.forEach(([tag, type, values], i) => {
    const at = directoryOffset + 2 + 12 * i;
    const width = type === SHORT ? 2 : 4;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, values.length, true);
    const isInline = width * values.length <= 4;
    if (!isInline) view.setUint32(at + 8, places[i], true);
    const start = isInline ? at + 8 : places[i];
    (tag === 273 ? offsets : values).forEach((value, k) => {
      if (type === SHORT) view.setUint16(start + 2 * k, value, true);
      else view.setUint32(start + 4 * k, value, true);
    });
  });
  strips.forEach((strip, i) => {
    file.set(strip, offsets[i]);
  });
  return file;
}

function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return bytes;
}
