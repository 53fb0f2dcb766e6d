import { assembleCloud, type CloudFile, keepTriangles } from './cloud-file.js';
import { interleavedColumns } from './columns.js';
import { GrowingArray } from './growing-array.js';
import { NumberScanner } from './number-scanner.js';
import { checkPointCount, type ReadLimits, resolveLimits } from './read-limits.js';
import { TriangleList } from './triangles.js';

const BACKSLASH = 92;
const SLASH = 47;
const [V, N, F] = [118, 110, 102];
const SPACE = 32;

/**
 * Reads the geometry of a Wavefront OBJ file: `v` with optional colours (0…1, or 0…255 if any exceeds 1), `vn`,
 * and `f` with corners as v, v/vt, v//vn or v/vt/vn and negative (relative) indices. Polygons become fans.
 *
 * A vertex gets the mean of the normals its corners name; without such corners, and as many normals as vertices,
 * normal i belongs to vertex i. Materials, textures, lines, curves and groups are skipped.
 *
 * @throws FormatError for a malformed line or a face that names a vertex or normal that is not there.
 */
export function readObj(bytes: Uint8Array, limits: ReadLimits = {}): CloudFile {
  const { maxPoints } = resolveLimits('readObj', limits);
  const scanner = new NumberScanner(bytes, 'OBJ');
  const mesh = new ObjMesh(scanner, maxPoints);
  let found = bytes.length === 0;
  while (scanner.peek() >= 0) {
    scanner.skipBlanks();
    const first = scanner.peek();
    const second = bytes[scanner.position + 1];
    const third = bytes[scanner.position + 2];
    if (first === V && second <= SPACE) mesh.readVertex();
    else if (first === V && second === N && third <= SPACE) mesh.readNormal();
    else if (first === F && second <= SPACE) mesh.readFace();
    else {
      scanner.skipLine();
      continue;
    }
    found = true;
  }
  if (!found) scanner.fail('no line is a vertex, a normal or a face', 'is this a Wavefront OBJ file?');
  return mesh.finish();
}

class ObjMesh {
  readonly #positions = new GrowingArray((length) => new Float64Array(length));
  /** As long as `#positions`, but only once some vertex has a colour. */
  readonly #colours = new GrowingArray((length) => new Float32Array(length));
  readonly #normals = new GrowingArray((length) => new Float64Array(length));
  readonly #triangles = new TriangleList();
  /** Vertex and normal of every corner that names a normal, alternating. */
  readonly #cornerNormals = new GrowingArray((length) => new Uint32Array(length));
  readonly #corners: number[] = [];
  readonly #numbers = new Float64Array(8);

  constructor(
    private readonly scanner: NumberScanner,
    private readonly maxPoints: number,
  ) {}

  /** v x y z, then nothing, a weight, red green blue, or a weight and red green blue. */
  readVertex(): void {
    const length = this.#readNumbers(1);
    const numbers = this.#numbers;
    if (length < 3) this.scanner.fail(`a vertex with ${length} coordinates`);
    checkPointCount('OBJ', this.#positions.length / 3 + 1, this.maxPoints, 'or more vertices');
    if (length >= 6) while (this.#colours.length < this.#positions.length) this.#colours.push(0);
    for (let i = 0; i < 3; i++) this.#positions.push(numbers[i]);
    if (length >= 6) for (let i = 0; i < 3; i++) this.#colours.push(numbers[Math.min(length, 7) - 3 + i]);
  }

  readNormal(): void {
    if (this.#readNumbers(2) < 3) this.scanner.fail('a normal with fewer than 3 coordinates');
    for (let i = 0; i < 3; i++) this.#normals.push(this.#numbers[i]);
  }

  readFace(): void {
    const { scanner } = this;
    scanner.position += 1;
    this.#corners.length = 0;
    while (this.#nextOnLine()) {
      const vertex = this.#index(this.#positions.length / 3);
      this.#corners.push(vertex);
      if (scanner.peek() !== SLASH) continue;
      scanner.position += 1;
      if (scanner.peek() !== SLASH) scanner.number(); // texture coordinates
      if (scanner.peek() !== SLASH) continue;
      scanner.position += 1;
      this.#cornerNormals.push(vertex);
      this.#cornerNormals.push(this.#index(this.#normals.length / 3));
    }
    this.#triangles.addPolygon(this.#corners);
  }

  finish(): CloudFile {
    const count = this.#positions.length / 3;
    const triangles = this.#triangles.toArray('OBJ', count);
    const normals = this.#vertexNormals(count);
    const hasColours = this.#colours.length > 0;
    while (hasColours && this.#colours.length < this.#positions.length) this.#colours.push(0);
    const assembled = assembleCloud({
      count,
      positions: interleavedColumns(this.#positions.toArray(), 3),
      normals: normals && interleavedColumns(normals, 3),
      colours: hasColours ? interleavedColumns(this.#colours.toArray(), 3) : undefined,
    });
    return {
      ...assembled,
      ...(triangles && { triangles: keepTriangles(triangles, assembled.index, count) }),
    };
  }

  /** Reads up to eight numbers to the end of the line, after a keyword; returns how many. */
  #readNumbers(keywordLength: number): number {
    const { scanner } = this;
    scanner.position += keywordLength;
    let length = 0;
    while (this.#nextOnLine()) {
      const value = scanner.number();
      if (scanner.peek() > SPACE) scanner.fail(`expected a number, got ${scanner.quote()}`);
      if (length < this.#numbers.length) this.#numbers[length++] = value;
    }
    return length;
  }

  /** Moves to the next item of the line, which a backslash at its end continues; false at the end of the line. */
  #nextOnLine(): boolean {
    const { scanner } = this;
    scanner.skipBlanks();
    while (scanner.peek() === BACKSLASH) {
      scanner.position += 1;
      scanner.skipBlanks();
      if (!scanner.atLineEnd()) scanner.fail('a backslash inside a line');
      scanner.skipLine();
      scanner.skipBlanks();
    }
    return !scanner.atLineEnd();
  }

  /** A 1-based index, or one counted back from the last of `count`, as a 0-based index. */
  #index(count: number): number {
    const { scanner } = this;
    const value = scanner.number();
    const after = scanner.peek();
    if (!Number.isInteger(value) || value === 0 || value < -count || (after > SPACE && after !== SLASH)) {
      scanner.fail(`a face corner names ${value} of ${count}`, 'indices count from 1, or from −1 backwards');
    }
    return value > 0 ? value - 1 : count + value;
  }

  #vertexNormals(count: number): Float64Array | undefined {
    const normals = this.#normals.toArray();
    const corners = this.#cornerNormals.toArray();
    if (corners.length === 0) return count > 0 && normals.length === 3 * count ? normals : undefined;
    const sums = new Float64Array(3 * count);
    for (let i = 0; i < corners.length; i += 2) {
      const [vertex, normal] = [corners[i], corners[i + 1]];
      if (vertex >= count || 3 * normal >= normals.length) {
        this.scanner.fail(
          `a face corner names vertex ${vertex + 1} of ${count}, normal ${normal + 1} of ${normals.length / 3}`,
        );
      }
      const x = normals[3 * normal];
      const y = normals[3 * normal + 1];
      const z = normals[3 * normal + 2];
      const length = Math.hypot(x, y, z);
      if (!(length > 0 && length < Infinity)) continue;
      sums[3 * vertex] += x / length;
      sums[3 * vertex + 1] += y / length;
      sums[3 * vertex + 2] += z / length;
    }
    return sums;
  }
}
