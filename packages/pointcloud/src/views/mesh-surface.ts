import { ShapeError } from '@anomclip/core';
import { type Coordinates, checkNormals } from '../check-points.js';
import { measureTriangles, type TriangleMesh } from '../mesh-sampling.js';
import type { Camera } from './camera.js';
import { toCameraFrame } from './camera-frame.js';
import type { Raster } from './raster.js';
import { TriangleEdges } from './triangle-edges.js';

/** What is seen of a mesh: a sample of its surface per covered pixel, which can be shaded and painted like points. */
export interface MeshSurface {
  /** The same picture; `index` counts samples. */
  readonly raster: Raster;
  /** xyz of every sample in the world. */
  readonly positions: Float64Array;
  /** Its unit normal. */
  readonly normals: Float64Array;
  /** The vertex it is nearest to, by its weights in the triangle. */
  readonly vertexOf: Uint32Array;
  /** Red, green, blue of every sample, mixed from those of the vertices. Only there when these were given. */
  readonly colours?: Uint8Array;
}

/** What a mesh may have besides its shape. */
export interface MeshAttributes {
  /** Normals of the vertices [3·N], mixed within a triangle for a smooth surface. Without them every triangle is flat. */
  readonly normals?: Coordinates;
  /** Red, green, blue of the vertices [3·N]. */
  readonly colours?: Uint8Array;
}

/**
 * The samples of a surface that a raster of `rasteriseMesh` shows.
 *
 * @param mesh - The same mesh, and `camera` the same camera, as those of the raster.
 * @throws {@link ShapeError} when there is not one normal, or not one colour, per vertex.
 */
export function meshSurface(
  raster: Raster,
  mesh: TriangleMesh,
  camera: Camera,
  attributes: MeshAttributes = {},
): MeshSurface {
  const { positions: vertices, triangles } = mesh;
  const { normals: vertexNormals, colours: vertexColours } = attributes;
  if (vertexNormals) checkNormals('meshSurface', vertices, vertexNormals);
  if (vertexColours && vertexColours.length !== vertices.length) {
    throw new ShapeError('meshSurface: colours', `one colour per vertex [${vertices.length}]`, [
      vertexColours.length,
    ]);
  }
  const { width, index: triangleOf } = raster;
  const { focal, centreX, centreY } = camera;
  const points = toCameraFrame(vertices, camera);
  const crosses = vertexNormals ? undefined : measureTriangles(mesh).crosses;
  const count = triangleOf.reduce((sum, triangle) => sum + (triangle < 0 ? 0 : 1), 0);
  const index = new Int32Array(triangleOf.length).fill(-1);
  const positions = new Float64Array(3 * count);
  const normals = new Float64Array(3 * count);
  const vertexOf = new Uint32Array(count);
  const colours = vertexColours && new Uint8Array(3 * count);
  const edges = new TriangleEdges();
  const { planes } = edges;
  let sample = 0;
  let before = -1;
  for (let pixel = 0; pixel < triangleOf.length; pixel++) {
    const triangle = 3 * triangleOf[pixel];
    if (triangle < 0) continue;
    const a = 3 * triangles[triangle];
    const b = 3 * triangles[triangle + 1];
    const c = 3 * triangles[triangle + 2];
    if (triangle !== before) edges.set(points, a, b, c);
    before = triangle;
    const x = ((pixel % width) - centreX) / focal;
    const y = (Math.floor(pixel / width) - centreY) / focal;
    const eA = planes[0] * x + planes[1] * y + planes[2];
    const eB = planes[3] * x + planes[4] * y + planes[5];
    const eC = planes[6] * x + planes[7] * y + planes[8];
    const sum = eA + eB + eC;
    const [wA, wB, wC] = [eA / sum, eB / sum, eC / sum];
    const at = 3 * sample;
    for (let axis = 0; axis < 3; axis++) {
      positions[at + axis] = wA * vertices[a + axis] + wB * vertices[b + axis] + wC * vertices[c + axis];
      normals[at + axis] = crosses
        ? crosses[triangle + axis]
        : mix(vertexNormals, wA, a + axis, wB, b + axis, wC, c + axis);
      if (colours)
        colours[at + axis] = Math.round(mix(vertexColours, wA, a + axis, wB, b + axis, wC, c + axis));
    }
    normalise(normals, at);
    vertexOf[sample] = (wA >= wB && wA >= wC ? a : wB >= wC ? b : c) / 3;
    index[pixel] = sample++;
  }
  return { raster: { ...raster, index }, positions, normals, vertexOf, ...(colours && { colours }) };
}

function mix(
  values: ArrayLike<number> | undefined,
  weightA: number,
  a: number,
  weightB: number,
  b: number,
  weightC: number,
  c: number,
): number {
  return values ? weightA * values[a] + weightB * values[b] + weightC * values[c] : 0;
}

function normalise(vectors: Float64Array, at: number): void {
  const length = Math.hypot(vectors[at], vectors[at + 1], vectors[at + 2]);
  if (!(length > 0)) return; // opposite normals that cancel: no direction, so no light
  for (let i = at; i < at + 3; i++) vectors[i] /= length;
}
