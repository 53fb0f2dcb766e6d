import { countPoints } from '../check-points.js';
import { checkTriangles, type TriangleMesh } from '../mesh-sampling.js';
import { type Camera, checkCamera } from './camera.js';
import { toCameraFrame } from './camera-frame.js';
import { emptyRaster, type Raster } from './raster.js';
import { TriangleEdges } from './triangle-edges.js';

/**
 * Draws the triangles of a mesh, both sides, the nearest in front; at equal depth the lower index stays. A pixel shows
 * what the ray through its centre meets, without antialiasing, so neighbours leave no cracks between them. What is nearer
 * than `near` or beyond `far` is cut off.
 *
 * @param mesh - Vertices in the world.
 * @returns `index` counts triangles; see `meshSurface` for what is seen of them.
 * @throws {@link ShapeError} when an array holds no triples.
 * @throws {@link ArgumentError} when a triangle names a vertex that does not exist, or a coordinate is not finite.
 */
export function rasteriseMesh(mesh: TriangleMesh, camera: Camera): Raster {
  const { positions, triangles } = mesh;
  checkTriangles('rasteriseMesh', triangles, countPoints('rasteriseMesh', positions));
  checkCamera('rasteriseMesh', camera);
  const { width, height, focal, centreX, centreY, near, far } = camera;
  const points = toCameraFrame(positions, camera);
  const raster = emptyRaster(width, height);
  const { index, depth: nearest } = raster;
  const edges = new TriangleEdges();
  const window = new TriangleWindow(points, camera);
  const { planes } = edges;
  for (let i = 0; i < triangles.length; i += 3) {
    const a = 3 * triangles[i];
    const b = 3 * triangles[i + 1];
    const c = 3 * triangles[i + 2];
    if (!window.set(a, b, c)) continue;
    edges.set(points, a, b, c);
    const { volume } = edges;
    if (!(volume > 0)) continue;
    const { left, right, top, bottom } = window;
    for (let row = top; row < bottom; row++) {
      const y = (row - centreY) / focal;
      const rowA = planes[1] * y + planes[2];
      const rowB = planes[4] * y + planes[5];
      const rowC = planes[7] * y + planes[8];
      for (let column = left; column < right; column++) {
        const x = (column - centreX) / focal;
        const eA = planes[0] * x + rowA;
        const eB = planes[3] * x + rowB;
        const eC = planes[6] * x + rowC;
        if (!(eA >= 0 && eB >= 0 && eC >= 0)) continue;
        const z = volume / (eA + eB + eC);
        if (!(z >= near && z <= far)) continue;
        const pixel = row * width + column;
        const rounded = Math.fround(z);
        if (rounded < nearest[pixel]) {
          nearest[pixel] = rounded;
          index[pixel] = i / 3;
        }
      }
    }
  }
  return raster;
}

/** The pixels that a triangle may cover: `left` ≤ column < `right`, `top` ≤ row < `bottom`. */
class TriangleWindow {
  left = 0;
  right = 0;
  top = 0;
  bottom = 0;

  constructor(
    private readonly points: Float64Array,
    private readonly camera: Camera,
  ) {}

  /** False when it covers none. The vertices begin at `a`, `b` and `c` of the points. */
  set(a: number, b: number, c: number): boolean {
    const { points } = this;
    const { width, height, focal, centreX, centreY, near, far } = this.camera;
    const zA = points[a + 2];
    const zB = points[b + 2];
    const zC = points[c + 2];
    if (Math.max(zA, zB, zC) < near || Math.min(zA, zB, zC) > far) return false;
    if (Math.min(zA, zB, zC) < near) {
      // It reaches behind the near plane, and its projection may be anywhere.
      [this.left, this.right, this.top, this.bottom] = [0, width, 0, height];
      return true;
    }
    const uA = points[a] / zA;
    const uB = points[b] / zB;
    const uC = points[c] / zC;
    const vA = points[a + 1] / zA;
    const vB = points[b + 1] / zB;
    const vC = points[c + 1] / zC;
    // A pixel more than the projection asks for: the test of the sides decides, rounding here must not.
    this.left = Math.max(0, Math.floor(Math.min(uA, uB, uC) * focal + centreX));
    this.right = Math.min(width, Math.ceil(Math.max(uA, uB, uC) * focal + centreX) + 1);
    this.top = Math.max(0, Math.floor(Math.min(vA, vB, vC) * focal + centreY));
    this.bottom = Math.min(height, Math.ceil(Math.max(vA, vB, vC) * focal + centreY) + 1);
    return this.left < this.right && this.top < this.bottom;
  }
}
