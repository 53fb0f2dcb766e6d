import { type PointCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { type Coordinates, checkNormals, countPoints } from '../check-points.js';
import { checkTriangles } from '../mesh-sampling.js';

/** What can be rendered: a cloud, or with triangles a mesh. */
export interface Drawable {
  /** xyz triples of the points or vertices, length 3·N. */
  readonly positions: Coordinates;
  /** Unit normals [3·N]. */
  readonly normals?: Coordinates;
  /** Red, green, blue [3·N]. */
  readonly colours?: Uint8Array;
  /** [N] how far the points are from their neighbours, see `pointSpacing`: squares grow where points are sparse. */
  readonly spacing?: Float64Array;
  /** [N] ground truth: 0 normal, anything else anomalous. */
  readonly labels?: ArrayLike<number>;
  /** Three vertices per triangle. Absent or empty: a cloud. */
  readonly triangles?: Uint32Array | Int32Array;
}

/** A cloud, and the triangles of its file if it has some, as something to render. Nothing is copied where arrays are dense. */
export function toDrawable(cloud: PointCloud, triangles?: Uint32Array): Drawable {
  const { positions, normals, colours, labels } = cloud;
  return {
    positions: contiguous(positions),
    ...(normals && { normals: contiguous(normals) }),
    ...(colours && { colours: contiguous(colours) }),
    ...(labels && { labels }),
    ...(triangles && { triangles }),
  };
}

/**
 * @throws {@link ShapeError} when the arrays disagree.
 * @throws {@link ArgumentError} when a number is not finite, or a triangle names a vertex that does not exist.
 */
export function checkDrawable(where: string, drawable: Drawable): void {
  const { positions, normals, colours, labels, spacing, triangles } = drawable;
  const count = countPoints(where, positions);
  if (normals) checkNormals(where, positions, normals);
  if (colours && colours.length !== 3 * count) {
    throw new ShapeError(`${where}: colours`, `one colour per point [${3 * count}]`, [colours.length]);
  }
  for (const [name, values] of Object.entries({ labels, spacing })) {
    if (values && values.length !== count) {
      throw new ShapeError(`${where}: ${name}`, `one value per point [${count}]`, [values.length]);
    }
  }
  if (triangles) checkTriangles(where, triangles, count);
}
