import type { PointCloud } from '@anomclip/core';
import type { NumericArray } from './growing-array.js';

/** One number per row of a file: row i is `values[i * stride]`. */
export interface Column {
  readonly values: NumericArray;
  readonly stride: number;
}

/** The typed arrays that labels come in. */
export type LabelArray = NonNullable<PointCloud['labels']>;

/** The columns of rows of `width` interleaved values. */
export function interleavedColumns(values: NumericArray, width: number, first = 0): [Column, Column, Column] {
  const column = (offset: number): Column => ({ values: values.subarray(first + offset), stride: width });
  return [column(0), column(1), column(2)];
}

/** The rows 0…count − 1. */
export function rowRange(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let i = 0; i < count; i++) rows[i] = i;
  return rows;
}

/**
 * Red, green and blue of the given rows, interleaved, 0…255. 16-bit values are scaled by 1/257; floats from 0 to 1
 * are scaled by 255, floats of which any exceeds 1 are taken as 0…255; NaN becomes 0; the rest is clamped.
 */
export function toColours(columns: readonly Column[], rows: Uint32Array): Uint8Array {
  const colours = new Uint8ClampedArray(3 * rows.length); // rounds and clamps on assignment, NaN becomes 0
  const scale = colourScale(columns, rows);
  columns.forEach(({ values, stride }, channel) => {
    for (let i = 0; i < rows.length; i++) colours[3 * i + channel] = values[rows[i] * stride] * scale;
  });
  return new Uint8Array(colours.buffer);
}

/** Red, green and blue, interleaved, of values packed as 0xRRGGBB; the upper byte is ignored. */
export function unpackColours(packed: Uint32Array): Uint8Array {
  const colours = new Uint8Array(3 * packed.length);
  for (let i = 0; i < packed.length; i++) {
    const value = packed[i];
    colours[3 * i] = value >>> 16;
    colours[3 * i + 1] = value >>> 8;
    colours[3 * i + 2] = value;
  }
  return colours;
}

/**
 * Labels of the given rows, in the column's own type where that is 8, 16 or 32 bits of integers, else in the
 * smallest of uint8, uint32 and int32 that holds them all. Undefined when some value is no 32-bit integer: such a
 * column is no list of labels.
 */
export function toLabels({ values, stride }: Column, rows: Uint32Array): LabelArray | undefined {
  let low = 0;
  let high = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i] * stride];
    if (!Number.isInteger(value)) return undefined;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const labels = createLabels(values, rows.length, low, high);
  if (labels) for (let i = 0; i < rows.length; i++) labels[i] = values[rows[i] * stride];
  return labels;
}

/** Unit normals of the given rows, interleaved; (0, 0, 0) where the file's normal is zero or not finite. */
export function toUnitNormals(columns: readonly [Column, Column, Column], rows: Uint32Array): Float32Array {
  const [x, y, z] = columns;
  const normals = new Float32Array(3 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    const nx = x.values[rows[i] * x.stride];
    const ny = y.values[rows[i] * y.stride];
    const nz = z.values[rows[i] * z.stride];
    const length = Math.hypot(nx, ny, nz);
    if (!(length > 0 && length < Infinity)) continue;
    // What is a unit vector up to float32 rounding stays as it is, so that writing and reading changes nothing.
    const divisor = Math.abs(length - 1) < 1e-6 ? 1 : length;
    normals[3 * i] = nx / divisor;
    normals[3 * i + 1] = ny / divisor;
    normals[3 * i + 2] = nz / divisor;
  }
  return normals;
}

function colourScale(columns: readonly Column[], rows: Uint32Array): number {
  const isFloat = columns.some(
    ({ values }) => values instanceof Float32Array || values instanceof Float64Array,
  );
  if (!isFloat) return columns.every(({ values }) => values instanceof Uint16Array) ? 1 / 257 : 1;
  for (const { values, stride } of columns) {
    for (let i = 0; i < rows.length; i++) if (values[rows[i] * stride] > 1) return 1;
  }
  return 255;
}

function createLabels(
  source: NumericArray,
  length: number,
  low: number,
  high: number,
): LabelArray | undefined {
  if (source instanceof Uint8Array) return new Uint8Array(length);
  if (source instanceof Uint16Array) return new Uint16Array(length);
  if (source instanceof Uint32Array) return new Uint32Array(length);
  if (source instanceof Int32Array) return new Int32Array(length);
  if (low >= 0 && high <= 0xff) return new Uint8Array(length);
  if (low >= 0 && high <= 0xffffffff) return new Uint32Array(length);
  if (low >= -0x80000000 && high <= 0x7fffffff) return new Int32Array(length);
  return undefined;
}
