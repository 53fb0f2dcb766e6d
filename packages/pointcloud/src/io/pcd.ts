import { FormatError } from '@anomclip/core';
import ndarray from 'ndarray';
import { assembleCloud, type CloudFile, type ColumnTriple } from './cloud-file.js';
import { type Column, interleavedColumns, rowRange, toLabels, unpackColours } from './columns.js';
import { organise } from './grid.js';
import type { NumericArray } from './growing-array.js';
import { inflateLzf } from './lzf.js';
import { NumberScanner } from './number-scanner.js';
import { type PcdFieldHeader, type PcdHeader, readPcdHeader } from './pcd-header.js';
import { checkInflatedBytes, checkPointCount, type ReadLimits, resolveLimits } from './read-limits.js';
import { FLOAT32, fits, readColumn, UINT32, viewOf } from './scalar-types.js';

/** One field of a PCD file. */
export interface PcdField {
  /** `count` values per point, in the file's own type; 64-bit integers as float64, packed colours as uint32. */
  readonly values: NumericArray;
  readonly count: number;
}

export interface PcdFile extends CloudFile {
  readonly width: number;
  /** 1 for a cloud without a grid; above 1, `organised` is there. */
  readonly height: number;
  /** Where the sensor was, x y z, and how it was turned, quaternion w x y z. */
  readonly viewpoint: readonly number[];
  /** Every field by name, for all rows of the file, padding (`_`) left out. */
  readonly fields: ReadonlyMap<string, PcdField>;
}

/**
 * Reads a PCD file, version 0.5 to 0.7: ascii, binary and binary_compressed, all field types and counts.
 *
 * Used for the cloud: x y z, normal_x normal_y normal_z, rgb or rgba (0xRRGGBB in the bits of a float or integer)
 * and label. With HEIGHT above 1 the grid comes too: `organised`, with (0, 0, 0) where a coordinate is not finite,
 * `image` and `labelGrid` when the file has colours and labels.
 *
 * @throws FormatError for a file that is malformed, truncated, or has no fields x, y and z.
 */
export function readPcd(bytes: Uint8Array, limits: ReadLimits = {}): PcdFile {
  const { maxPoints, maxInflatedBytes } = resolveLimits('readPcd', limits);
  const header = readPcdHeader(bytes);
  const { width, height, points, viewpoint } = header;
  checkPointCount('PCD', points, maxPoints);
  const fields = readFields(bytes, header, maxInflatedBytes);

  const positions = triple(fields, 'x', 'y', 'z');
  if (!positions) {
    throw new FormatError('PCD', `no fields x, y and z among ${[...fields.keys()].join(' ').slice(0, 80)}`);
  }
  const packed = fields.get('rgb') ?? fields.get('rgba');
  const rgb =
    packed?.values instanceof Uint32Array && packed.count === 1 ? unpackColours(packed.values) : undefined;
  const labels = scalar(fields, 'label');
  const assembled = assembleCloud({
    count: points,
    positions,
    normals: triple(fields, 'normal_x', 'normal_y', 'normal_z'),
    colours: rgb && interleavedColumns(rgb, 3),
    labels,
  });
  const rest = { width, height, viewpoint, fields };
  if (height <= 1) return { ...assembled, ...rest };

  const gridLabels = labels && toLabels(labels, rowRange(points));
  return {
    ...assembled,
    organised: { xyz: ndarray(organise(positions, points), [height, width, 3]) },
    ...(rgb && { image: ndarray(rgb, [height, width, 3]) }),
    ...(gridLabels && { labelGrid: ndarray(gridLabels, [height, width]) }),
    ...rest,
  };
}

function readFields(bytes: Uint8Array, header: PcdHeader, maxInflatedBytes: number): Map<string, PcdField> {
  const fields = header.fields.map((field) => (isPackedColour(field) ? { ...field, type: UINT32 } : field));
  const named = new Set<string>();
  for (const { name } of fields) {
    if (name !== '_' && named.has(name)) throw new FormatError('PCD', `two fields "${name.slice(0, 40)}"`);
    named.add(name);
  }
  const columns =
    header.data === 'ascii'
      ? asciiColumns(bytes, header)
      : header.data === 'binary'
        ? recordColumns(bytes, header, fields)
        : compressedColumns(bytes, header, fields, maxInflatedBytes);
  const result = new Map<string, PcdField>();
  fields.forEach(({ name, count }, i) => {
    if (name !== '_') result.set(name, { values: columns[i], count });
  });
  return result;
}

/** Colours stored as floats are read as bits: as floats some are NaN, and a NaN may lose its payload. */
function isPackedColour({ name, type, count }: PcdFieldHeader): boolean {
  return (name === 'rgb' || name === 'rgba') && type.bytes === 4 && count === 1;
}

function asciiColumns(bytes: Uint8Array, { fields, points, dataOffset }: PcdHeader): NumericArray[] {
  const perPoint = fields.reduce((sum, { count }) => sum + count, 0);
  // One digit and one separator per value: columns are not allocated for rows that cannot be there.
  if (2 * points * perPoint - 1 > bytes.length - dataOffset) throw tooShort(points);
  const scanner = new NumberScanner(bytes, 'PCD', dataOffset);
  const columns = fields.map(({ type, count }) => type.create(points * count));
  for (let point = 0; point < points; point++) {
    for (let f = 0; f < fields.length; f++) {
      const { type, count, name } = fields[f];
      const values = columns[f];
      for (let i = point * count; i < (point + 1) * count; i++) {
        const value = scanner.nextNumber();
        if (!fits(type, value))
          scanner.fail(`${value} does not fit the type of field "${name.slice(0, 40)}"`);
        values[i] = value;
      }
    }
  }
  return columns.map((values, f) => {
    const bits = isPackedColour(fields[f]) && fields[f].type === FLOAT32;
    return bits
      ? new Uint32Array(values.buffer)
      : isPackedColour(fields[f])
        ? Uint32Array.from(values)
        : values;
  });
}

function recordColumns(
  bytes: Uint8Array,
  { points, dataOffset }: PcdHeader,
  fields: readonly PcdFieldHeader[],
): NumericArray[] {
  const stride = recordBytes(fields);
  if (stride * points > bytes.length - dataOffset) throw tooShort(points);
  const view = viewOf(bytes);
  let offset = dataOffset;
  return fields.map(({ type, count }) => {
    const values =
      count === 1 ? readColumn(type, view, offset, stride, points, true) : type.create(points * count);
    for (let i = 0; count !== 1 && i < values.length; i++) {
      const point = Math.floor(i / count);
      values[i] = type.read(view, offset + point * stride + (i - point * count) * type.bytes, true);
    }
    offset += type.bytes * count;
    return values;
  });
}

/** Field after field: all values of the first, then all of the second. */
function compressedColumns(
  bytes: Uint8Array,
  { points, dataOffset }: PcdHeader,
  fields: readonly PcdFieldHeader[],
  maxInflatedBytes: number,
): NumericArray[] {
  const size = recordBytes(fields) * points;
  checkInflatedBytes('PCD', size, maxInflatedBytes);
  if (size === 0) return fields.map(({ type }) => type.create(0)); // some writers then leave out the two sizes
  if (dataOffset + 8 > bytes.length) throw tooShort(points);
  const view = viewOf(bytes);
  const compressedSize = view.getUint32(dataOffset, true);
  const statedSize = view.getUint32(dataOffset + 4, true);
  if (statedSize !== size) {
    throw new FormatError(
      'PCD',
      `the data is said to be ${statedSize} bytes long, ${points} points take ${size}`,
    );
  }
  if (dataOffset + 8 + compressedSize > bytes.length) throw tooShort(points);
  const start = dataOffset + 8;
  const data = viewOf(inflateLzf('PCD', bytes.subarray(start, start + compressedSize), size));
  let offset = 0;
  return fields.map(({ type, count }) => {
    const values = readColumn(type, data, offset, type.bytes, points * count, true);
    offset += type.bytes * count * points;
    return values;
  });
}

function recordBytes(fields: readonly PcdFieldHeader[]): number {
  return fields.reduce((sum, { type, count }) => sum + type.bytes * count, 0);
}

function tooShort(points: number): FormatError {
  return new FormatError('PCD', `the file is too short for ${points} points`, 'it may be truncated');
}

function triple(
  fields: ReadonlyMap<string, PcdField>,
  a: string,
  b: string,
  c: string,
): ColumnTriple | undefined {
  const [first, second, third] = [scalar(fields, a), scalar(fields, b), scalar(fields, c)];
  return first && second && third && [first, second, third];
}

function scalar(fields: ReadonlyMap<string, PcdField>, name: string): Column | undefined {
  const field = fields.get(name);
  return field?.count === 1 ? { values: field.values, stride: 1 } : undefined;
}
