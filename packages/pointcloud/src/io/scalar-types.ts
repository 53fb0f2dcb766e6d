import type { NumericArray } from './growing-array.js';

/** A number as files store it: how many bytes, what fits, how to read it, what to keep it in. */
export interface ScalarType {
  readonly bytes: number;
  readonly isInteger: boolean;
  readonly min: number;
  readonly max: number;
  readonly create: (length: number) => NumericArray;
  readonly read: (view: DataView, offset: number, littleEndian: boolean) => number;
}

type Create = ScalarType['create'];
type Read = ScalarType['read'];

const signed = (bytes: number, create: Create, read: Read): ScalarType => {
  const max = 2 ** (8 * bytes - 1) - 1;
  return { bytes, isInteger: true, min: -max - 1, max, create, read };
};
const unsigned = (bytes: number, create: Create, read: Read): ScalarType => {
  return { bytes, isInteger: true, min: 0, max: 2 ** (8 * bytes) - 1, create, read };
};
const float = (bytes: number, create: Create, read: Read): ScalarType => {
  return { bytes, isInteger: false, min: -Infinity, max: Infinity, create, read };
};
const float64Array: Create = (length) => new Float64Array(length);

export const INT8 = signed(
  1,
  (n) => new Int8Array(n),
  (view, at) => view.getInt8(at),
);
export const UINT8 = unsigned(
  1,
  (n) => new Uint8Array(n),
  (view, at) => view.getUint8(at),
);
export const INT16 = signed(
  2,
  (n) => new Int16Array(n),
  (view, at, little) => view.getInt16(at, little),
);
export const UINT16 = unsigned(
  2,
  (n) => new Uint16Array(n),
  (view, at, little) => view.getUint16(at, little),
);
export const INT32 = signed(
  4,
  (n) => new Int32Array(n),
  (view, at, little) => view.getInt32(at, little),
);
export const UINT32 = unsigned(
  4,
  (n) => new Uint32Array(n),
  (view, at, little) => view.getUint32(at, little),
);
export const FLOAT32 = float(
  4,
  (n) => new Float32Array(n),
  (view, at, little) => view.getFloat32(at, little),
);
export const FLOAT64 = float(8, float64Array, (view, at, little) => view.getFloat64(at, little));
/** 64-bit integers are kept as float64: exact up to 2⁵³. */
export const INT64 = signed(8, float64Array, (view, at, little) => Number(view.getBigInt64(at, little)));
export const UINT64 = unsigned(8, float64Array, (view, at, little) => Number(view.getBigUint64(at, little)));

/** Every `stride`-th number of `type`, `count` of them, from `offset`; the caller has checked the bounds. */
export function readColumn(
  type: ScalarType,
  view: DataView,
  offset: number,
  stride: number,
  count: number,
  littleEndian: boolean,
): NumericArray {
  const values = type.create(count);
  const { read } = type;
  for (let i = 0; i < count; i++) values[i] = read(view, offset + i * stride, littleEndian);
  return values;
}

/** The bytes as a view of their own range. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether a number read from text can be stored as `type` without becoming another; NaN fits every float. */
export function fits(type: ScalarType, value: number): boolean {
  return !type.isInteger || (Number.isInteger(value) && value >= type.min && value <= type.max);
}
