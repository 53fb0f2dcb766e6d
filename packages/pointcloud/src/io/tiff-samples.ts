import { FormatError } from '@anomclip/core';
import { inflateZlib } from './inflate.js';
import { inflateLzw, LARGEST_LZW_RATIO } from './lzw.js';
import { checkInflatedBytes } from './read-limits.js';
import { viewOf } from './scalar-types.js';
import type { TiffPage } from './tiff-directory.js';

const [NONE, LZW, DEFLATE, OLD_DEFLATE] = [1, 5, 8, 32946];
const [HORIZONTAL, FLOATING_POINT] = [2, 3];
const IEEE_FLOAT = 3;
/** Nothing we read grows more than LZW can. */
const LARGEST_RATIO = LARGEST_LZW_RATIO;

/**
 * The samples of one floating-point page as float32, [height, width, samples].
 *
 * @throws FormatError when the page is not made of 32- or 64-bit floats, is compressed in a way that is not known,
 * or is truncated. Nothing is allocated that the file's bytes cannot fill.
 */
export function readTiffSamples(
  bytes: Uint8Array,
  page: TiffPage,
  littleEndian: boolean,
  maxInflatedBytes: number,
): Float32Array {
  checkPage(bytes, page, maxInflatedBytes);
  const { width, height, samplesPerPixel, tileWidth, tileHeight, planar } = page;
  const sampleBytes = page.bitsPerSample[0] / 8;
  const samples = new Float32Array(width * height * samplesPerPixel);
  const samplesInTile = planar ? 1 : samplesPerPixel;
  const rowBytes = tileWidth * samplesInTile * sampleBytes;
  const bigEndian = !littleEndian || page.predictor === FLOATING_POINT; // which orders bytes by significance

  let segment = 0;
  for (let plane = 0; plane < (planar ? samplesPerPixel : 1); plane++) {
    for (let top = 0; top < height; top += tileHeight) {
      const rows = page.tiled ? tileHeight : Math.min(tileHeight, height - top);
      for (let left = 0; left < width; left += tileWidth, segment++) {
        const data = readSegment(bytes, page, segment, rows * rowBytes);
        undoPredictor(data, page.predictor, rowBytes, samplesInTile, sampleBytes, littleEndian);
        const view = viewOf(data);
        const bottom = Math.min(height, top + rows);
        const count = Math.min(tileWidth, width - left) * samplesInTile;
        for (let row = top; row < bottom; row++) {
          const source = (row - top) * rowBytes;
          const target = (row * width + left) * samplesPerPixel + plane;
          const step = planar ? samplesPerPixel : 1;
          if (sampleBytes === 4) {
            for (let i = 0; i < count; i++)
              samples[target + i * step] = view.getFloat32(source + 4 * i, !bigEndian);
          } else {
            for (let i = 0; i < count; i++)
              samples[target + i * step] = view.getFloat64(source + 8 * i, !bigEndian);
          }
        }
      }
    }
  }
  return samples;
}

function checkPage(bytes: Uint8Array, page: TiffPage, maxInflatedBytes: number): void {
  const { bitsPerSample, sampleFormat, compression, predictor, planar, samplesPerPixel } = page;
  const isFloat = sampleFormat.every((format) => format === IEEE_FLOAT);
  if (!isFloat || !bitsPerSample.every((bits) => bits === bitsPerSample[0] && (bits === 32 || bits === 64))) {
    throw new FormatError(
      'TIFF',
      `samples of format ${sampleFormat.slice(0, 4)} and ${bitsPerSample.slice(0, 4)} bits`,
      'coordinates must be 32- or 64-bit floats (SampleFormat 3)',
    );
  }
  if (![NONE, LZW, DEFLATE, OLD_DEFLATE].includes(compression)) {
    throw new FormatError(
      'TIFF',
      `compression ${compression}`,
      'known are none (1), LZW (5) and Deflate (8, 32946)',
    );
  }
  if (predictor < 1 || predictor > 3 || (predictor > 1 && compression === NONE)) {
    throw new FormatError(
      'TIFF',
      `predictor ${predictor} with compression ${compression}`,
      'known are 1, 2 and 3',
    );
  }
  const { width, height, tileWidth, tileHeight, tiled, offsets, byteCounts } = page;
  if (width === 0 || height === 0 || tileWidth === 0 || tileHeight === 0) {
    throw new FormatError(
      'TIFF',
      `an image of ${width} × ${height} in parts of ${tileWidth} × ${tileHeight}`,
    );
  }
  const across = Math.ceil(width / tileWidth);
  const down = Math.ceil(height / tileHeight);
  const segments = across * down * (planar ? samplesPerPixel : 1);
  if (offsets.length !== segments || byteCounts.length !== segments) {
    throw new FormatError(
      'TIFF',
      `${offsets.length} offsets and ${byteCounts.length} lengths for ${segments} strips or tiles`,
    );
  }
  const stored = byteCounts.reduce((sum, count) => sum + count, 0);
  if (stored > bytes.length) throw new FormatError('TIFF', 'strips or tiles overlap or are not in the file');
  const pixels = tiled ? across * tileWidth * down * tileHeight : width * height;
  const size = (pixels * samplesPerPixel * bitsPerSample[0]) / 8;
  checkInflatedBytes('TIFF', size, maxInflatedBytes);
  if (size > stored * (compression === NONE ? 1 : LARGEST_RATIO)) {
    throw new FormatError(
      'TIFF',
      `${stored} bytes of data for an image of ${size}`,
      'the file may be truncated',
    );
  }
}

/** The decompressed bytes of one strip or tile, which may be changed. */
function readSegment(bytes: Uint8Array, page: TiffPage, segment: number, size: number): Uint8Array {
  const start = page.offsets[segment];
  const end = start + page.byteCounts[segment];
  if (end > bytes.length)
    throw new FormatError('TIFF', `strip or tile ${segment} is not in the file`, 'it may be truncated');
  const data = bytes.subarray(start, end);
  if (page.compression === LZW) return inflateLzw('TIFF', data, size);
  if (page.compression !== NONE) return inflateZlib('TIFF', data, size);
  if (data.length < size)
    throw new FormatError('TIFF', `strip or tile ${segment} has ${data.length} of ${size} bytes`);
  return data; // has no predictor, so it is only read
}

/** Turns differences back into values, row by row, in place. */
function undoPredictor(
  data: Uint8Array,
  predictor: number,
  rowBytes: number,
  samplesPerPixel: number,
  sampleBytes: number,
  littleEndian: boolean,
): void {
  if (predictor === HORIZONTAL) {
    const view = viewOf(data);
    const distance = samplesPerPixel * sampleBytes;
    const add = sampleBytes === 4 ? addUint32 : addUint64;
    for (let start = 0; start < data.length; start += rowBytes) {
      for (let at = start + distance; at < start + rowBytes; at += sampleBytes) {
        add(view, at, at - distance, littleEndian);
      }
    }
  } else if (predictor === FLOATING_POINT) {
    const row = new Uint8Array(rowBytes);
    const count = rowBytes / sampleBytes;
    for (let start = 0; start < data.length; start += rowBytes) {
      for (let i = samplesPerPixel; i < rowBytes; i++) data[start + i] += data[start + i - samplesPerPixel];
      // All first (most significant) bytes of the row, then all second ones, and so on.
      for (let byte = 0; byte < sampleBytes; byte++) {
        for (let i = 0; i < count; i++) row[i * sampleBytes + byte] = data[start + byte * count + i];
      }
      data.set(row, start);
    }
  }
}

/** Adds the integer at `from` to the one at `to`, modulo 2³². */
function addUint32(view: DataView, to: number, from: number, littleEndian: boolean): void {
  view.setUint32(to, view.getUint32(to, littleEndian) + view.getUint32(from, littleEndian), littleEndian);
}

/** Adds the integer at `from` to the one at `to`, modulo 2⁶⁴, in halves: BigInt is far slower. */
function addUint64(view: DataView, to: number, from: number, littleEndian: boolean): void {
  const [low, high] = littleEndian ? [0, 4] : [4, 0];
  const lowSum = view.getUint32(to + low, littleEndian) + view.getUint32(from + low, littleEndian);
  const carry = lowSum > 0xffffffff ? 1 : 0;
  const highSum = view.getUint32(to + high, littleEndian) + view.getUint32(from + high, littleEndian) + carry;
  view.setUint32(to + low, lowSum, littleEndian);
  view.setUint32(to + high, highSum, littleEndian);
}
