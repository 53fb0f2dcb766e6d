/**
 * A triangle A B C seen by a pinhole camera at the origin, as three planes through the camera and its sides (Olano and
 * Greer 1997). Along the ray of direction d the point Σ eₖ Vₖ / Σ eₖ of the triangle is seen, with eₖ = d · planeₖ, when no
 * eₖ is negative. Nothing is divided by the depth of a vertex, so triangles that reach behind the camera need no clipping.
 */
export class TriangleEdges {
  /** The normals of the planes, xyz each: opposite A, B and C. */
  readonly planes = new Float64Array(9);
  /** Six times the volume between triangle and camera; 0 for a triangle that is seen edge-on or has no area. */
  volume = 0;

  /** Takes the vertices that begin at `a`, `b` and `c` of an array of points in the frame of the camera. */
  set(points: Float64Array, a: number, b: number, c: number): void {
    const { planes } = this;
    cross(points, b, c, planes, 0);
    cross(points, c, a, planes, 3);
    cross(points, a, b, planes, 6);
    const volume = points[a] * planes[0] + points[a + 1] * planes[1] + points[a + 2] * planes[2];
    // Both sides of a triangle are seen: turn the planes so that its inside is positive from either.
    if (volume < 0) for (let i = 0; i < 9; i++) planes[i] = -planes[i];
    this.volume = Math.abs(volume);
  }
}

function cross(points: Float64Array, a: number, b: number, out: Float64Array, at: number): void {
  out[at] = points[a + 1] * points[b + 2] - points[a + 2] * points[b + 1];
  out[at + 1] = points[a + 2] * points[b] - points[a] * points[b + 2];
  out[at + 2] = points[a] * points[b + 1] - points[a + 1] * points[b];
}
