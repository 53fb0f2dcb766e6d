import type { Image } from '@anomclip/core/image';
import { rotatePoints } from '@anomclip/pointcloud';
import { checkPreparedCloud, type PreparedCloud } from '@anomclip/pointcloud/prepare';
import {
  type Correspondences,
  fillNeverVisible,
  findCorrespondences,
  type ProjectedView,
} from '@anomclip/pointcloud/views';
import { depthView, VIEW_SIZE, viewImage } from './depth-view.js';
import { type QuantisedPoints, quantise } from './quantise.js';
import { viewRotations } from './view-rotations.js';

/** A cloud as PointCLIP sees it. */
export interface ProjectedCloud {
  /** Ten views, [size, size, 3]. */
  readonly images: readonly Image[];
  /** Where each cell of the cloud lies in them, and whether it is seen. */
  readonly correspondences: Correspondences;
}

/**
 * The ten depth views of a cloud, and where its points lie in them (section 9 of PointAD's specification). Visible is the
 * nearest point of each pixel, and never-visible points are filled, as in PointAD's own views.
 *
 * @param size - Pixels along each side of the images.
 * @throws {@link ShapeError} when the parts of the cloud disagree.
 */
export function projectCloud(cloud: PreparedCloud, size: number): ProjectedCloud {
  checkPreparedCloud('projectCloud', cloud);
  const { positions, foreground, grid } = cloud;
  const points = foregroundOf(positions, foreground);
  const quantised = viewRotations().map((rotation) => quantise(rotatePoints(points, rotation, [0, 0, 0])));
  const projections = quantised.map((view) => projection(view, size));
  const found = findCorrespondences(projections, { size, foreground });
  const rule = grid ? 'rasterNeighbour' : 'spatialNeighbour';
  return {
    images: quantised.map((view) => viewImage(depthView(view), size)),
    correspondences: fillNeverVisible(found, rule, positions),
  };
}

/** xyz triples of the cells that hold a point. */
function foregroundOf(positions: Float32Array, foreground: Uint8Array): Float32Array {
  const points = new Float32Array(positions.length);
  let count = 0;
  for (let cell = 0; cell < foreground.length; cell++) {
    if (!foreground[cell]) continue;
    points.set(positions.subarray(3 * cell, 3 * cell + 3), 3 * count++);
  }
  return points.slice(0, 3 * count);
}

/** Pixels of the enlarged view, its corners in place; a depth that is smaller for nearer points. */
function projection({ rows, columns, values }: QuantisedPoints, size: number): ProjectedView {
  const pixelOf = (cell: number) => Math.round(((cell - 1) * (size - 1)) / (VIEW_SIZE - 1));
  return {
    projection: {
      u: Float64Array.from(columns, pixelOf),
      v: Float64Array.from(rows, pixelOf),
      depth: Float64Array.from(values, (value) => 7 - value),
    },
    camera: { width: size, height: size },
  };
}
