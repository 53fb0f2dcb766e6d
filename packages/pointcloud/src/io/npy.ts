import { ArgumentError, FormatError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import ndarray from 'ndarray';
import { checkPointCount, type ReadLimits, resolveLimits } from './read-limits.js';

/** The typed arrays that NPY files hold; booleans are uint8, float16 becomes float32, 64-bit integers stay exact. */
export type NpyData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Float32Array
  | Float64Array;

export type NpyArray = NdArray<NpyData>;

interface Dtype {
  readonly bytes: number;
  /** From little-endian bytes that are the array's own. */
  readonly fromBytes: (buffer: ArrayBuffer) => NpyData;
}

const DTYPES = new Map<string, Dtype>([
  ['b1', { bytes: 1, fromBytes: (buffer) => new Uint8Array(buffer) }],
  ['i1', { bytes: 1, fromBytes: (buffer) => new Int8Array(buffer) }],
  ['u1', { bytes: 1, fromBytes: (buffer) => new Uint8Array(buffer) }],
  ['i2', { bytes: 2, fromBytes: (buffer) => new Int16Array(buffer) }],
  ['u2', { bytes: 2, fromBytes: (buffer) => new Uint16Array(buffer) }],
  ['i4', { bytes: 4, fromBytes: (buffer) => new Int32Array(buffer) }],
  ['u4', { bytes: 4, fromBytes: (buffer) => new Uint32Array(buffer) }],
  ['i8', { bytes: 8, fromBytes: (buffer) => new BigInt64Array(buffer) }],
  ['u8', { bytes: 8, fromBytes: (buffer) => new BigUint64Array(buffer) }],
  ['f2', { bytes: 2, fromBytes: (buffer) => Float32Array.from(new Uint16Array(buffer), float16ToNumber) }],
  ['f4', { bytes: 4, fromBytes: (buffer) => new Float32Array(buffer) }],
  ['f8', { bytes: 8, fromBytes: (buffer) => new Float64Array(buffer) }],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Header as numpy writes it: a Python dictionary with these three keys in any order, and nothing else. */
const DESCR = /'descr'\s*:\s*'([^']*)'/;
const FORTRAN_ORDER = /'fortran_order'\s*:\s*(True|False)/;
const SHAPE = /'shape'\s*:\s*\(([\d\s,L]*)\)/;
const HEADER = new RegExp(
  `^\\{(\\s*(${DESCR.source}|${FORTRAN_ORDER.source}|${SHAPE.source})\\s*(,|(?=\\}))){3}\\s*\\}\\s*$`,
);

/** More dimensions than numpy allows. */
const MOST_DIMENSIONS = 64;

/**
 * Reads a NumPy NPY file, versions 1 to 3: booleans, integers and floats of either byte order. An array stored in
 * Fortran order keeps its shape and gets column-major strides. A 0-dimensional array has shape [].
 *
 * @throws FormatError for a malformed or truncated file, and for complex, string, object and structured arrays
 * (objects are pickles, which this library never runs).
 */
export function readNpy(bytes: Uint8Array, limits: ReadLimits = {}): NpyArray {
  const { maxPoints } = resolveLimits('readNpy', limits);
  const { descr, fortranOrder, shape, dataOffset } = readHeader(bytes);
  const { dtype, bigEndian } = findDtype(descr);
  const size = shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, 1);
  checkPointCount('NPY', size, maxPoints, 'elements');
  const byteLength = size * dtype.bytes;
  if (dataOffset + byteLength > bytes.length) {
    throw new FormatError(
      'NPY',
      `shape (${shape.join(', ')}) needs ${byteLength} bytes, there are ${bytes.length - dataOffset}`,
      'the file may be truncated',
    );
  }
  const own = new Uint8Array(bytes.subarray(dataOffset, dataOffset + byteLength)); // a Buffer's slice is no copy
  if (bigEndian) swapBytes(own, dtype.bytes);
  const data = dtype.fromBytes(own.buffer);
  return fortranOrder ? ndarray(data, shape, fortranStrides(shape)) : ndarray(data, shape);
}

/** Whether the bytes start as every NPY file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Writes an NPY file (version 1.0, little endian, C order) that `numpy.load` reads. Booleans are not a type of
 * their own here: write them as uint8.
 */
export function writeNpy(array: NdArray<NpyData>): Uint8Array {
  const descr = descrOf(array.data);
  const { shape } = array;
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const prefixLength = 10;
  const headerLength = 64 * Math.ceil((prefixLength + dictionary.length + 1) / 64) - prefixLength;
  const header = `${dictionary.padEnd(headerLength - 1)}\n`;

  // `contiguous` copies elements of any kind; only its type leaves out 64-bit integers.
  const values: NpyData = contiguous(array as NdArray<Float64Array>);
  const payload = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(prefixLength + headerLength + payload.length);
  bytes.set([...MAGIC, 1, 0, headerLength & 0xff, headerLength >> 8]);
  bytes.set(new TextEncoder().encode(header), prefixLength);
  bytes.set(payload, prefixLength + headerLength);
  return bytes;
}

interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: number[];
  readonly dataOffset: number;
}

function readHeader(bytes: Uint8Array): NpyHeader {
  if (!isNpy(bytes)) throw new FormatError('NPY', 'the file does not start with \\x93NUMPY');
  const version = bytes[6];
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw new FormatError('NPY', 'the file ends in its header');
  if (version < 1 || version > 3) throw new FormatError('NPY', `version ${version}`, 'known are 1, 2 and 3');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) throw new FormatError('NPY', 'the file ends in its header');
  // A header of three short entries; numpy itself refuses more than 10 000 characters unless told otherwise.
  if (length > 2 ** 16) throw new FormatError('NPY', `a header of ${length} bytes`);

  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const descr = DESCR.exec(text)?.[1];
  const order = FORTRAN_ORDER.exec(text)?.[1];
  const sides = SHAPE.exec(text)?.[1];
  if (!HEADER.test(text) || descr === undefined || order === undefined || sides === undefined) {
    throw new FormatError(
      'NPY',
      `the header ${JSON.stringify(text.slice(0, 80))} is not one of a plain array`,
      'structured and object arrays are not supported',
    );
  }
  return { descr, fortranOrder: order === 'True', shape: parseShape(sides), dataOffset: start + length };
}

function parseShape(text: string): number[] {
  const sides = text.split(',').map((side) => side.trim().replace(/L$/, '')); // Python 2 wrote 3L
  if (sides.at(-1) === '') sides.pop(); // after the last comma, or the only entry of ()
  const shape = sides.map(Number);
  if (!sides.every((side) => /^\d{1,15}$/.test(side)) || shape.length > MOST_DIMENSIONS) {
    throw new FormatError('NPY', `the shape (${text.slice(0, 60)}) is malformed`);
  }
  return shape;
}

function findDtype(descr: string): { dtype: Dtype; bigEndian: boolean } {
  const dtype = /^[<>|=]/.test(descr) ? DTYPES.get(descr.slice(1)) : undefined;
  if (!dtype) {
    throw new FormatError(
      'NPY',
      `dtype ${JSON.stringify(descr.slice(0, 40))} is not supported`,
      `supported are ${[...DTYPES.keys()].join(', ')} of either byte order; convert with astype() before saving`,
    );
  }
  return { dtype, bigEndian: descr.startsWith('>') };
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) {
    for (let low = start, high = start + width - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
}

function fortranStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.map((side) => {
    const own = stride;
    stride *= side;
    return own;
  });
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function descrOf(data: NpyData): string {
  if (data instanceof Int8Array) return '|i1';
  if (data instanceof Uint8Array) return '|u1';
  if (data instanceof Int16Array) return '<i2';
  if (data instanceof Uint16Array) return '<u2';
  if (data instanceof Int32Array) return '<i4';
  if (data instanceof Uint32Array) return '<u4';
  if (data instanceof BigInt64Array) return '<i8';
  if (data instanceof BigUint64Array) return '<u8';
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  throw new ArgumentError('writeNpy', 'an ndarray over a typed array of numbers', data);
}
