import { FormatError } from '@anomclip/core';
import { assembleCloud, type CloudFile, type ColumnTriple, keepTriangles } from './cloud-file.js';
import type { Column } from './columns.js';
import { GrowingArray, type NumericArray } from './growing-array.js';
import { NumberScanner } from './number-scanner.js';
import {
  type PlyElementHeader,
  type PlyFormat,
  type PlyPropertyHeader,
  readPlyHeader,
} from './ply-header.js';
import { checkPointCount, type ReadLimits, resolveLimits } from './read-limits.js';
import { fits, readColumn, type ScalarType, viewOf } from './scalar-types.js';
import { TriangleList } from './triangles.js';

/** One property of an element, in the file's own type. */
export interface PlyProperty {
  /** One value per row; for a list, the values of all rows one after the other. */
  readonly values: NumericArray;
  /** Lists only: row i holds `values[starts[i]]` up to, without, `values[starts[i + 1]]`. Length rows + 1. */
  readonly starts?: Uint32Array;
}

/** One element of a PLY file with all its properties by name. */
export interface PlyElement {
  readonly count: number;
  readonly properties: ReadonlyMap<string, PlyProperty>;
}

export interface PlyFile extends CloudFile {
  readonly format: PlyFormat;
  readonly comments: readonly string[];
  /** Everything in the file, by element and property name, also what the cloud has no place for. */
  readonly elements: ReadonlyMap<string, PlyElement>;
}

/**
 * Reads a PLY file: ascii or binary of either byte order, any elements and properties, lists anywhere.
 *
 * The cloud is element `vertex`: x y z (any type), nx ny nz, red green blue (uint8, uint16, or float 0…1) and
 * label or labels. Faces are fans of `face.vertex_indices` (or `vertex_index`) and of `tristrips.vertex_indices`,
 * whose strips end at −1.
 *
 * @throws FormatError for a file that is malformed, truncated, or has no vertices with x, y and z.
 */
export function readPly(bytes: Uint8Array, limits: ReadLimits = {}): PlyFile {
  const { maxPoints } = resolveLimits('readPly', limits);
  const { format, comments, elements: headers, dataOffset } = readPlyHeader(bytes);
  const vertexCount = headers.find(({ name }) => name === 'vertex')?.count ?? 0;
  checkPointCount('PLY', vertexCount, maxPoints, 'vertices');

  const source =
    format === 'ascii' ? new AsciiSource(bytes, dataOffset) : new BinarySource(bytes, dataOffset, format);
  const elements = new Map<string, PlyElement>();
  for (const header of headers) elements.set(header.name, readElement(source, header));

  const vertex = elements.get('vertex');
  const positions = vertex && triple(vertex, 'x', 'y', 'z');
  if (!positions) {
    throw new FormatError(
      'PLY',
      'there is no element "vertex" with properties x, y and z',
      'is this a point cloud?',
    );
  }
  const assembled = assembleCloud({
    count: vertexCount,
    positions,
    normals: triple(vertex, 'nx', 'ny', 'nz'),
    colours:
      triple(vertex, 'red', 'green', 'blue') ??
      triple(vertex, 'diffuse_red', 'diffuse_green', 'diffuse_blue'),
    labels: scalar(vertex, 'label') ?? scalar(vertex, 'labels'),
  });
  const triangles = readTriangles(elements, vertexCount);
  return {
    ...assembled,
    ...(triangles && { triangles: keepTriangles(triangles, assembled.index, vertexCount) }),
    format,
    comments,
    elements,
  };
}

/** Numbers one after the other, from text or from binary data. */
interface ValueSource {
  /** The next value, which the header says is of `type`. */
  next(type: ScalarType): number;
  /** Refuses `rows` rows of these properties when there are too few bytes left for them, whatever they hold. */
  require(rows: number, properties: readonly PlyPropertyHeader[]): void;
  /** All values of rows without lists, by property; only there where that is faster than value by value. */
  columns?(rows: number, properties: readonly PlyPropertyHeader[]): NumericArray[];
  fail(problem: string): never;
}

class AsciiSource implements ValueSource {
  readonly #scanner: NumberScanner;

  constructor(
    private readonly bytes: Uint8Array,
    offset: number,
  ) {
    this.#scanner = new NumberScanner(bytes, 'PLY', offset);
  }

  next(type: ScalarType): number {
    const value = this.#scanner.nextNumber();
    if (!fits(type, value)) this.fail(`${value} is no ${describe(type)}`);
    return value;
  }

  require(rows: number, properties: readonly PlyPropertyHeader[]): void {
    const shortest = 2 * rows * properties.length - 1; // one digit and one separator each
    if (shortest > this.bytes.length - this.#scanner.position)
      this.fail(`the file is too short for ${rows} rows`);
  }

  fail(problem: string): never {
    return this.#scanner.fail(problem);
  }
}

class BinarySource implements ValueSource {
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(
    bytes: Uint8Array,
    private offset: number,
    format: PlyFormat,
  ) {
    this.#view = viewOf(bytes);
    this.#littleEndian = format === 'binary_little_endian';
  }

  next(type: ScalarType): number {
    const { offset } = this;
    if (offset + type.bytes > this.#view.byteLength) this.fail('the file ends too early');
    this.offset = offset + type.bytes;
    return type.read(this.#view, offset, this.#littleEndian);
  }

  require(rows: number, properties: readonly PlyPropertyHeader[]): void {
    const shortest = rows * rowBytes(properties);
    if (shortest > this.#view.byteLength - this.offset) this.fail(`the file is too short for ${rows} rows`);
  }

  columns(rows: number, properties: readonly PlyPropertyHeader[]): NumericArray[] {
    const stride = rowBytes(properties);
    let offset = this.offset;
    this.offset += rows * stride;
    return properties.map(({ type }) => {
      const values = readColumn(type, this.#view, offset, stride, rows, this.#littleEndian);
      offset += type.bytes;
      return values;
    });
  }

  fail(problem: string): never {
    throw new FormatError('PLY', `byte ${this.offset}: ${problem}`, 'the file may be truncated');
  }
}

function readElement(source: ValueSource, { count, properties }: PlyElementHeader): PlyElement {
  if (properties.length === 0) return { count, properties: new Map() };
  source.require(count, properties);

  const hasLists = properties.some(({ countType }) => countType);
  if (!hasLists && source.columns) {
    const columns = source.columns(count, properties);
    return { count, properties: new Map(properties.map(({ name }, i) => [name, { values: columns[i] }])) };
  }
  const writers = properties.map((property) =>
    property.countType ? listWriter(property, count) : scalarWriter(property, count),
  );
  for (let row = 0; row < count; row++) for (const writer of writers) writer.read(source, row);
  return { count, properties: new Map(properties.map(({ name }, i) => [name, writers[i].finish()])) };
}

interface PropertyWriter {
  read(source: ValueSource, row: number): void;
  finish(): PlyProperty;
}

function scalarWriter({ type }: PlyPropertyHeader, count: number): PropertyWriter {
  const values = type.create(count);
  return {
    read(source, row) {
      values[row] = source.next(type);
    },
    finish: () => ({ values }),
  };
}

function listWriter({ type, countType = type }: PlyPropertyHeader, count: number): PropertyWriter {
  const values = new GrowingArray(type.create);
  const starts = new Uint32Array(count + 1);
  return {
    read(source, row) {
      const length = source.next(countType);
      if (length < 0) source.fail(`a list of ${length} values`);
      for (let i = 0; i < length; i++) values.push(source.next(type));
      starts[row + 1] = values.length;
    },
    finish: () => ({ values: values.toArray(), starts }),
  };
}

function readTriangles(
  elements: ReadonlyMap<string, PlyElement>,
  vertexCount: number,
): Uint32Array | undefined {
  const triangles = new TriangleList();
  const faces = vertexList(elements.get('face'));
  if (faces) {
    const { values, starts } = faces;
    for (let i = 0; i + 1 < starts.length; i++) triangles.addPolygon(values, starts[i], starts[i + 1]);
  }
  const strips = vertexList(elements.get('tristrips'));
  if (strips) {
    const { values, starts } = strips;
    for (let i = 0; i + 1 < starts.length; i++) triangles.addStrips(values, starts[i], starts[i + 1]);
  }
  return triangles.toArray('PLY', vertexCount);
}

function vertexList(element: PlyElement | undefined): Required<PlyProperty> | undefined {
  const property = element?.properties.get('vertex_indices') ?? element?.properties.get('vertex_index');
  return property?.starts && { values: property.values, starts: property.starts };
}

function triple(element: PlyElement, a: string, b: string, c: string): ColumnTriple | undefined {
  const [first, second, third] = [scalar(element, a), scalar(element, b), scalar(element, c)];
  return first && second && third && [first, second, third];
}

function scalar(element: PlyElement, name: string): Column | undefined {
  const property = element.properties.get(name);
  return property && !property.starts ? { values: property.values, stride: 1 } : undefined;
}

/** Bytes of the shortest row: every list empty. */
function rowBytes(properties: readonly PlyPropertyHeader[]): number {
  return properties.reduce((sum, { type, countType = type }) => sum + countType.bytes, 0);
}

function describe({ bytes, min }: ScalarType): string {
  return `${8 * bytes}-bit ${min < 0 ? 'signed' : 'unsigned'} integer`;
}
