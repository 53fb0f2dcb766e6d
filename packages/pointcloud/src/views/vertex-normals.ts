import { countPoints } from '../check-points.js';
import { checkTriangles, measureTriangles, type TriangleMesh } from '../mesh-sampling.js';

/**
 * Unit normals of the vertices of a mesh [3·N]: the mean of the normals of their triangles, weighted by area. A vertex
 * without triangles, or whose triangles have no area, gets (0, 0, 1).
 *
 * @throws {@link ShapeError} when an array holds no triples.
 * @throws {@link ArgumentError} when a triangle names a vertex that does not exist, or a coordinate is not finite.
 */
export function vertexNormals(mesh: TriangleMesh): Float64Array {
  const { positions, triangles } = mesh;
  checkTriangles('vertexNormals', triangles, countPoints('vertexNormals', positions));
  const { crosses } = measureTriangles(mesh);
  const normals = new Float64Array(positions.length);
  for (let i = 0; i < triangles.length; i++) {
    const triangle = i - (i % 3);
    for (let axis = 0; axis < 3; axis++) normals[3 * triangles[i] + axis] += crosses[triangle + axis];
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]);
    if (length > 0) for (let axis = i; axis < i + 3; axis++) normals[axis] /= length;
    else normals[i + 2] = 1;
  }
  return normals;
}
