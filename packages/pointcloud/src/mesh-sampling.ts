import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { type Coordinates, checkCount, countPoints } from './check-points.js';

/** Triangles between shared vertices. */
export interface TriangleMesh {
  /** xyz triples of the vertices. */
  readonly positions: Coordinates;
  /** Three vertex indices per triangle, counter-clockwise seen from outside. */
  readonly triangles: Uint32Array | Int32Array;
}

/** Points on the surface of a mesh. */
export interface MeshSample {
  /** xyz triples, length 3·count. */
  readonly positions: Float32Array;
  /** Unit normals of the triangles the points lie on, by the right-hand rule, length 3·count. */
  readonly normals: Float32Array;
  /** [count] the triangle of each point. */
  readonly triangleOf: Uint32Array;
}

/**
 * Draws points uniformly over the surface of a mesh: a triangle with probability proportional to its area, then
 * a point on it (square-root parametrisation, Osada et al. 2002). Triangles without area are never drawn.
 *
 * @throws {@link ShapeError} when an array holds no triples.
 * @throws {@link ArgumentError} when a triangle names a vertex that does not exist, a coordinate is not finite, or
 * points are asked of a mesh without area.
 */
export function sampleMesh(mesh: TriangleMesh, count: number, rng: Rng): MeshSample {
  const { positions: vertices, triangles } = mesh;
  checkCount('sampleMesh', 'count', count, 0);
  checkTriangles('sampleMesh', triangles, countPoints('sampleMesh', vertices));
  const { crosses, cumulativeAreas } = measureTriangles(mesh);
  const area = cumulativeAreas.length > 0 ? cumulativeAreas[cumulativeAreas.length - 1] : 0;
  if (count > 0 && !(area > 0)) {
    throw new ArgumentError('sampleMesh', 'a mesh with area', `${triangles.length / 3} triangles of area 0`);
  }

  const positions = new Float32Array(3 * count);
  const normals = new Float32Array(3 * count);
  const triangleOf = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const triangle = firstAbove(cumulativeAreas, rng.uniform(0, area));
    const root = Math.sqrt(rng.uniform());
    const share = rng.uniform();
    const a = 3 * triangles[3 * triangle];
    const b = 3 * triangles[3 * triangle + 1];
    const c = 3 * triangles[3 * triangle + 2];
    const cross = crosses.subarray(3 * triangle, 3 * triangle + 3);
    const doubleArea = Math.hypot(cross[0], cross[1], cross[2]);
    for (let axis = 0; axis < 3; axis++) {
      positions[3 * i + axis] =
        (1 - root) * vertices[a + axis] +
        root * (1 - share) * vertices[b + axis] +
        root * share * vertices[c + axis];
      normals[3 * i + axis] = cross[axis] / doubleArea;
    }
    triangleOf[i] = triangle;
  }
  return { positions, normals, triangleOf };
}

/**
 * @throws {@link ShapeError} when `triangles` are no triples.
 * @throws {@link ArgumentError} when a triangle names a vertex that does not exist.
 */
export function checkTriangles(
  where: string,
  triangles: Uint32Array | Int32Array,
  vertexCount: number,
): void {
  if (triangles.length % 3 !== 0) {
    throw new ShapeError(`${where}: triangles`, 'vertex triples, length 3·M', [triangles.length]);
  }
  for (const vertex of triangles) {
    if (vertex < 0 || vertex >= vertexCount) {
      throw new ArgumentError(`${where}: triangles`, `vertex indices below ${vertexCount}`, vertex);
    }
  }
}

/** Per triangle (b − a) × (c − a), whose length is twice the area, and the running sum of the areas. */
export function measureTriangles({ positions: vertices, triangles }: TriangleMesh): {
  crosses: Float64Array;
  cumulativeAreas: Float64Array;
} {
  const crosses = new Float64Array(triangles.length);
  const cumulativeAreas = new Float64Array(triangles.length / 3);
  let area = 0;
  for (let i = 0; i < triangles.length; i += 3) {
    const a = 3 * triangles[i];
    const b = 3 * triangles[i + 1];
    const c = 3 * triangles[i + 2];
    const ux = vertices[b] - vertices[a];
    const uy = vertices[b + 1] - vertices[a + 1];
    const uz = vertices[b + 2] - vertices[a + 2];
    const vx = vertices[c] - vertices[a];
    const vy = vertices[c + 1] - vertices[a + 1];
    const vz = vertices[c + 2] - vertices[a + 2];
    crosses[i] = uy * vz - uz * vy;
    crosses[i + 1] = uz * vx - ux * vz;
    crosses[i + 2] = ux * vy - uy * vx;
    area += Math.hypot(crosses[i], crosses[i + 1], crosses[i + 2]) / 2;
    cumulativeAreas[i / 3] = area;
  }
  return { crosses, cumulativeAreas };
}

/** Index of the first entry above `value`; entries ascend and the last one is above it. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
