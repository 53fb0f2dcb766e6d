import { boundingBox } from '@anomclip/pointcloud/views';

/** Cells along each side of the grid, and along its depth. */
export const RESOLUTION = 112;
export const DEPTH_BINS = 8;

/** Cells of points; N points. */
export interface QuantisedPoints {
  /** [N], 1…110: x becomes the row. */
  readonly rows: Uint8Array;
  /** [N], 1…110: y becomes the column. */
  readonly columns: Uint8Array;
  /** [N], 1…6. */
  readonly bins: Uint8Array;
  /** [N], 1…6, larger is nearer. */
  readonly values: Float32Array;
}

/**
 * Points on a grid of 112 × 112 × 8 cells, whose outermost cells stay free (section 9 of PointAD's specification): centred
 * and scaled by the bounding box to [−1, 1], x and y by 0.8 of it. A cloud without extent lies in the middle.
 *
 * @param points - xyz triples, length 3·N, turned for the view.
 */
export function quantise(points: Float32Array): QuantisedPoints {
  const count = points.length / 3;
  const { low, high } = boundingBox(points);
  const extent = Math.max(...high.map((value, axis) => value - low[axis])) || 1;
  const rows = new Uint8Array(count);
  const columns = new Uint8Array(count);
  const bins = new Uint8Array(count);
  const values = new Float32Array(count);
  for (let point = 0; point < count; point++) {
    const at = (axis: number) => (2 * points[3 * point + axis] - low[axis] - high[axis]) / extent;
    rows[point] = cellOf(0.8 * at(0));
    columns[point] = cellOf(0.8 * at(1));
    const depth = (((at(2) + 1) / 2 + DEPTH_BIAS) / (1 + DEPTH_BIAS)) * (DEPTH_BINS - 2);
    values[point] = clip(depth, 1, DEPTH_BINS - 2);
    bins[point] = clip(Math.ceil(depth), 1, DEPTH_BINS - 2);
  }
  return { rows, columns, bins, values };
}

/** Keeps the farthest points apart from the background, whose value is 0. */
const DEPTH_BIAS = 0.2;

function cellOf(position: number): number {
  return clip(Math.ceil(((position + 1) / 2) * RESOLUTION), 1, RESOLUTION - 2);
}

function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
