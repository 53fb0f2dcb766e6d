import { ArgumentError, type PointCloud } from '@anomclip/core';
import { flattenCloud, namedColumns, type WritableColumn, writeRecords } from './write-columns.js';

export interface WritePlyOptions {
  /** `binary` is little endian. @defaultValue 'binary' */
  readonly format?: 'binary' | 'ascii';
  /** Rows of the cloud, three per triangle; written as element `face`. */
  readonly triangles?: Uint32Array;
}

/**
 * Writes a PLY file: x y z as float, nx ny nz, red green blue as uchar, and label in its own type, as far as the
 * cloud has them. In ascii a float has the digits it takes to read the same float back.
 */
export function writePly(cloud: PointCloud, options: WritePlyOptions = {}): Uint8Array {
  const { format = 'binary', triangles } = options;
  const { count, positions, normals, colours, labels } = flattenCloud('writePly', cloud);
  if (format !== 'binary' && format !== 'ascii')
    throw new ArgumentError('writePly format', '"binary" or "ascii"', format);
  checkTriangles(triangles, count);
  const columns = [
    ...namedColumns(positions, 'x', 'y', 'z'),
    ...(normals ? namedColumns(normals, 'nx', 'ny', 'nz') : []),
    ...(colours ? namedColumns(colours, 'red', 'green', 'blue') : []),
    ...(labels ? namedColumns(labels, 'label') : []),
  ];
  const header = [
    'ply',
    `format ${format === 'ascii' ? 'ascii' : 'binary_little_endian'} 1.0`,
    `element vertex ${count}`,
    ...columns.map(({ name, values }) => `property ${plyType(values)} ${name}`),
    ...(triangles ? [`element face ${triangles.length / 3}`, 'property list uchar uint vertex_indices'] : []),
    'end_header\n',
  ].join('\n');
  return format === 'ascii'
    ? new TextEncoder().encode(header + asciiBody(columns, count, triangles))
    : binaryFile(header, columns, count, triangles);
}

function checkTriangles(triangles: Uint32Array | undefined, count: number): void {
  if (triangles && (triangles.length % 3 !== 0 || triangles.some((vertex) => vertex >= count))) {
    throw new ArgumentError('writePly triangles', `three rows below ${count} per triangle`, triangles);
  }
}

function binaryFile(
  header: string,
  columns: readonly WritableColumn[],
  count: number,
  triangles: Uint32Array = new Uint32Array(0),
): Uint8Array {
  const faceBytes = 13; // the length 3, then three uint32
  const bytes = writeRecords(header, columns, count, (triangles.length / 3) * faceBytes);
  const view = new DataView(bytes.buffer);
  let at = bytes.length - (triangles.length / 3) * faceBytes;
  for (let i = 0; i < triangles.length; i += 3, at += faceBytes) {
    view.setUint8(at, 3);
    for (let corner = 0; corner < 3; corner++)
      view.setUint32(at + 1 + 4 * corner, triangles[i + corner], true);
  }
  return bytes;
}

function asciiBody(
  columns: readonly WritableColumn[],
  count: number,
  triangles: Uint32Array = new Uint32Array(0),
): string {
  const lines: string[] = [];
  for (let row = 0; row < count; row++) {
    lines.push(columns.map(({ values, first, step }) => shortest(values[first + row * step])).join(' '));
  }
  for (let i = 0; i < triangles.length; i += 3)
    lines.push(`3 ${triangles[i]} ${triangles[i + 1]} ${triangles[i + 2]}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** Six decimals where they are the same float32, else nine digits, which tell every float32 from its neighbours. */
function shortest(value: number): string {
  const rounded = Math.round(value * 1e6) / 1e6;
  return String(Math.fround(rounded) === value ? rounded : Number(value.toPrecision(9)));
}

function plyType(values: WritableColumn['values']): string {
  if (values instanceof Float32Array) return 'float';
  if (values instanceof Uint8Array) return 'uchar';
  if (values instanceof Uint16Array) return 'ushort';
  return values instanceof Int32Array ? 'int' : 'uint';
}
