import type { Rng } from '@anomclip/core/random';
import { createNoise, fractal } from './noise.js';
import { polylineDistance } from './planar.js';
import type { Relief } from './relief.js';
import { cosineWave, wave } from './wave.js';

/** A polyline as xy pairs, metres from the relief's node (0, 0). At least two different points. */
export type Path = readonly number[];

export interface BlobOptions {
  /** Index of the node in the middle. */
  readonly centre: number;
  /** Metres. */
  readonly radius: number;
  /** How far the outline strays from an ellipse, as a share of the radius. */
  readonly ragged: number;
  readonly rng: Rng;
}

/**
 * Visits the object's nodes inside a roundish patch of random outline, in raster order. `rho` grows from 0 at the
 * centre to 1 at the outline; x and y are metres from the centre.
 */
export function overBlob(
  { size, pitch, heights }: Relief,
  { centre, radius, ragged, rng }: BlobOptions,
  visit: (node: number, rho: number, x: number, y: number) => void,
): void {
  const outline = fractal(createNoise(rng.fork('outline')), 2);
  const aspect = rng.uniform(0.8, 1.25);
  const turns = rng.uniform();
  const cos = cosineWave(turns);
  const sin = wave(turns);
  const centreColumn = centre % size;
  const centreRow = (centre - centreColumn) / size;
  const extent = Math.ceil(((1.25 / (1 - ragged)) * radius) / pitch);
  overWindow(size, centreRow, centreColumn, extent, (node, row, column) => {
    if (heights[node] <= 0) return;
    const x = (column - centreColumn) * pitch;
    const y = (row - centreRow) * pitch;
    const p = (x * cos + y * sin) * aspect;
    const q = (y * cos - x * sin) / aspect;
    const length = Math.sqrt(p * p + q * q);
    // Noise over the direction only: the patch is star-shaped, so it has no islands.
    const bay = length === 0 ? 0 : outline(1.3 * (p / length) + 0.4, 1.3 * (q / length) + 0.4);
    const rho = (length / radius) * (1 + ragged * bay);
    if (rho < 1) visit(node, rho, x, y);
  });
}

/** Visits the object's nodes near a path; `across` and `along` run from 0 to 1, from its middle and its start. */
export function overPath(
  { size, pitch, heights }: Relief,
  path: Path,
  halfWidth: number,
  visit: (node: number, across: number, along: number) => void,
): void {
  const last = path.length - 2;
  const spanX = path[last] - path[0];
  const spanY = path[last + 1] - path[1];
  const squaredSpan = spanX * spanX + spanY * spanY;
  const middleColumn = Math.round((path[0] + spanX / 2) / pitch);
  const middleRow = Math.round((path[1] + spanY / 2) / pitch);
  const extent = Math.ceil((0.65 * Math.sqrt(squaredSpan) + halfWidth) / pitch);
  overWindow(size, middleRow, middleColumn, extent, (node, row, column) => {
    if (heights[node] <= 0) return;
    const x = column * pitch;
    const y = row * pitch;
    const distance = polylineDistance(x, y, path);
    if (distance >= halfWidth) return;
    const along = ((x - path[0]) * spanX + (y - path[1]) * spanY) / squaredSpan;
    visit(node, distance / halfWidth, Math.min(1, Math.max(0, along)));
  });
}

function overWindow(
  size: number,
  row: number,
  column: number,
  extent: number,
  visit: (node: number, row: number, column: number) => void,
): void {
  const bottom = Math.min(size - 1, row + extent);
  const right = Math.min(size - 1, column + extent);
  for (let i = Math.max(0, row - extent); i <= bottom; i++) {
    for (let j = Math.max(0, column - extent); j <= right; j++) visit(i * size + j, i, j);
  }
}
