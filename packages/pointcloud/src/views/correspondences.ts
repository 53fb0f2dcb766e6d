import { ArgumentError, ShapeError } from '@anomclip/core';
import { checkChoice, checkCount } from '../check-points.js';
import type { Camera } from './camera.js';
import type { Projection } from './project-points.js';

/** For every view, the pixel of every point and whether the point is seen there. V views, N points. */
export interface Correspondences {
  readonly viewCount: number;
  readonly pointCount: number;
  /** Pixels along each side of the square images that `pixels` index. */
  readonly size: number;
  /** [V, N, 2] column and row of each point, 0…size − 1; (0, 0) where there is no point or it is behind the camera. */
  readonly pixels: Uint16Array;
  /** [V, N] 1 where the point is visible. */
  readonly visible: Uint8Array;
  /** [N] 1 where there is a point; the other cells of a grid are 0 everywhere. */
  readonly foreground: Uint8Array;
}

/** What a point outside the window is: not visible, or as visible as its clamped pixel, as the released code has it. */
export type OutOfFrame = 'invisible' | 'clamp';

export interface CorrespondenceOptions {
  /** Pixels along each side of the images the points are looked up in. @defaultValue 336 */
  size?: number;
  /** Cells along each side of the raster of the depth test. @defaultValue `size` */
  resolution?: number;
  /** @defaultValue 'invisible' */
  outOfFrame?: OutOfFrame;
  /**
   * [N] 1 where a cell of the grid holds a point; the projections then have one entry per such cell, in order.
   * @defaultValue 1 for every projected point
   */
  foreground?: Uint8Array;
}

/** A projected view; of the camera only the window matters. */
export interface ProjectedView {
  readonly projection: Projection;
  readonly camera: Pick<Camera, 'width' | 'height'>;
}

/**
 * Pixels and visibility of points (`pointad.md` 2.10). Pixel: trunc(u · size / width), clipped to the image; rows
 * likewise. Visible is, of the points that fall on one cell of the depth raster, the one with the smallest depth, the
 * lowest index among equals: at most one per cell, without tolerance. Points at and behind the camera are never
 * visible. A view may end up without visible points.
 *
 * @param views - At least one, all of the same points.
 * @throws {@link ShapeError} when a projection has another number of points than the others or than `foreground` has
 * ones.
 * @throws {@link ArgumentError} for no views, a projection that is not a number, or an option that cannot be.
 */
export function findCorrespondences(
  views: readonly ProjectedView[],
  options: CorrespondenceOptions = {},
): Correspondences {
  const { size = 336, resolution = size, outOfFrame = 'invisible' } = options;
  const where = 'findCorrespondences';
  if (views.length === 0) throw new ArgumentError(`${where}: views`, 'at least one view', views);
  const { foreground = new Uint8Array(views[0].projection.depth.length).fill(1) } = options;
  checkSide(where, 'size', size);
  checkSide(where, 'resolution', resolution);
  checkChoice(where, 'outOfFrame', outOfFrame, ['invisible', 'clamp']);
  const cells = cellsOf(foreground);
  const pointCount = foreground.length;
  const pixels = new Uint16Array(2 * views.length * pointCount);
  const visible = new Uint8Array(views.length * pointCount);
  views.forEach(({ projection, camera }, view) => {
    checkProjection(where, projection, cells.length);
    const start = view * pointCount;
    const inFrame = locate(projection, camera, size, outOfFrame, cells, pixels.subarray(2 * start));
    nearestPerCell(projection, camera, resolution, inFrame, cells, visible.subarray(start));
  });
  return {
    viewCount: views.length,
    pointCount,
    size,
    pixels,
    visible,
    foreground: foreground.map((flag) => Number(flag > 0)),
  };
}

function checkSide(where: string, name: string, side: number): void {
  checkCount(where, name, side);
  if (side > 65536) throw new ArgumentError(`${where}: ${name}`, 'at most 65536 pixels', side);
}

/** Index of every foreground cell, ascending. */
export function cellsOf(foreground: Uint8Array): Uint32Array {
  const cells = new Uint32Array(foreground.length);
  let count = 0;
  for (let cell = 0; cell < foreground.length; cell++) if (foreground[cell]) cells[count++] = cell;
  return cells.slice(0, count);
}

function checkProjection(where: string, { u, v, depth }: Projection, count: number): void {
  for (const part of [u, v, depth]) {
    if (part.length !== count) {
      throw new ShapeError(`${where}: projection`, `one entry per point [${count}]`, [part.length]);
    }
  }
  for (let i = 0; i < count; i++) {
    if (depth[i] <= 0 || Number.isFinite(u[i] + v[i] + depth[i])) continue;
    const came = `(${u[i]}, ${v[i]}) at depth ${depth[i]}`;
    throw new ArgumentError(`${where}: projection`, `finite numbers, but point ${i} has others`, came);
  }
}

/** Writes the pixel of every point to its cell; returns 1 for the points that may be visible. */
function locate(
  { u, v, depth }: Projection,
  { width, height }: ProjectedView['camera'],
  size: number,
  outOfFrame: OutOfFrame,
  cells: Uint32Array,
  pixels: Uint16Array,
): Uint8Array {
  const eligible = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) {
    if (!(depth[i] > 0)) continue;
    pixels[2 * cells[i]] = pixelOf(u[i], size, width);
    pixels[2 * cells[i] + 1] = pixelOf(v[i], size, height);
    const inside = u[i] >= -0.5 && u[i] < width - 0.5 && v[i] >= -0.5 && v[i] < height - 0.5;
    eligible[i] = Number(inside || outOfFrame === 'clamp');
  }
  return eligible;
}

/** Sets `visible` at the cell of the nearest eligible point on each cell of the depth raster. */
function nearestPerCell(
  { u, v, depth }: Projection,
  { width, height }: ProjectedView['camera'],
  resolution: number,
  eligible: Uint8Array,
  cells: Uint32Array,
  visible: Uint8Array,
): void {
  const nearest = new Float64Array(resolution * resolution).fill(Infinity);
  const owner = new Int32Array(resolution * resolution).fill(-1);
  for (let i = 0; i < cells.length; i++) {
    if (!eligible[i]) continue;
    const at = pixelOf(v[i], resolution, height) * resolution + pixelOf(u[i], resolution, width);
    if (depth[i] < nearest[at]) {
      nearest[at] = depth[i];
      owner[at] = cells[i];
    }
  }
  for (const cell of owner) if (cell >= 0) visible[cell] = 1;
}

function pixelOf(position: number, size: number, windowSize: number): number {
  const pixel = Math.trunc((position * size) / windowSize);
  return pixel <= 0 ? 0 : pixel >= size ? size - 1 : pixel;
}
