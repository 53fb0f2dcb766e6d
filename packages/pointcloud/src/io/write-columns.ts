import { ArgumentError, type PointCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import type { NdArray, TypedArray } from 'ndarray';
import type { LabelArray } from './columns.js';

/** A cloud as plain arrays of the right lengths, interleaved. */
export interface FlatCloud {
  readonly count: number;
  readonly positions: Float32Array;
  readonly normals?: Float32Array;
  readonly colours?: Uint8Array;
  readonly labels?: LabelArray;
}

/**
 * Checks a cloud that is to be written.
 *
 * @throws ShapeError when the parts disagree in length.
 * @throws ArgumentError when a coordinate is not finite: readers drop such points, and everything after them shifts.
 */
export function flattenCloud(where: string, cloud: PointCloud): FlatCloud {
  const count = cloud.positions.shape[0];
  const positions = flatten(`${where} positions`, cloud.positions, count);
  const invalid = positions.findIndex((value) => !Number.isFinite(value));
  if (invalid >= 0) throw new ArgumentError(`${where} positions`, 'finite coordinates', positions[invalid]);
  if (cloud.labels && cloud.labels.length !== count) {
    throw new ShapeError(`${where} labels`, `[${count}], one per point`, [cloud.labels.length]);
  }
  return {
    count,
    positions,
    normals: cloud.normals && flatten(`${where} normals`, cloud.normals, count),
    colours: cloud.colours && flatten(`${where} colours`, cloud.colours, count),
    labels: cloud.labels,
  };
}

/** Every `step`-th value from `first`. */
export interface WritableColumn {
  readonly name: string;
  readonly values: Float32Array | LabelArray;
  readonly first: number;
  readonly step: number;
}

/** All columns one after the other in records, little endian, after `header`. */
export function writeRecords(
  header: string,
  columns: readonly WritableColumn[],
  count: number,
  extraBytes = 0,
): Uint8Array {
  const head = new TextEncoder().encode(header);
  const stride = columns.reduce((sum, { values }) => sum + values.BYTES_PER_ELEMENT, 0);
  const bytes = new Uint8Array(head.length + stride * count + extraBytes);
  bytes.set(head);
  const view = new DataView(bytes.buffer);
  let offset = head.length;
  for (const column of columns) {
    writeColumn(view, offset, stride, column);
    offset += column.values.BYTES_PER_ELEMENT;
  }
  return bytes;
}

/** Columns of interleaved values, one per name. */
export function namedColumns(values: WritableColumn['values'], ...names: string[]): WritableColumn[] {
  return names.map((name, first) => ({ name, values, first, step: names.length }));
}

/** One column of a record: 1, 2 or 4 bytes per value, little endian, written at `offset` of every `stride` bytes. */
function writeColumn(
  target: DataView,
  offset: number,
  stride: number,
  { values, first, step }: WritableColumn,
): void {
  const count = first < values.length ? Math.ceil((values.length - first) / step) : 0;
  const write = littleEndianWriter(target, values);
  for (let i = 0; i < count; i++) write(offset + i * stride, values[first + i * step]);
}

function littleEndianWriter(
  view: DataView,
  values: WritableColumn['values'],
): (at: number, value: number) => void {
  if (values instanceof Float32Array) return (at, value) => view.setFloat32(at, value, true);
  if (values instanceof Uint8Array) return (at, value) => view.setUint8(at, value);
  if (values instanceof Uint16Array) return (at, value) => view.setUint16(at, value, true);
  return (at, value) => view.setInt32(at, value, true); // the bits of a uint32 are the same
}

function flatten<T extends TypedArray>(where: string, array: NdArray<T>, count: number): T {
  const { shape } = array;
  if (shape.length !== 2 || shape[0] !== count || shape[1] !== 3)
    throw new ShapeError(where, `[${count}, 3]`, shape);
  return contiguous(array);
}
