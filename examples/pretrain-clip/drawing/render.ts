import type { Scene } from './scene.js';
import type { Surface } from './surface.js';

/** A picture before it is reduced, row-major. */
export interface Raster {
  readonly side: number;
  /** Three per pixel, 0…255; of the background where nothing was drawn. */
  readonly colour: Float32Array;
  /** Height over the image plane; −∞ where there is background. */
  readonly depth: Float32Array;
  /** What the surface's `damage` says at the pixel; 0 for background. */
  readonly damage: Uint8Array;
}

/** What {@link lightSurface} gives: the colour of every place, three numbers each. */
export type LitSurface = Float32Array;

/**
 * Lights a surface: colour · (ambient + (1 − ambient) max(0, n·l)) + gloss · max(0, n·h)²⁰.
 *
 * @param into - Changed within the given rows and columns only.
 */
export function lightSurface(
  { grid, distance, height, albedo }: Surface,
  scene: Scene,
  into: LitSurface,
  [top, bottom]: readonly [number, number] = [0, grid.rows],
  [left, right]: readonly [number, number] = [0, grid.columns],
): void {
  const { columns, rows, x, y } = grid;
  const [stepX, stepY] = [x[1] - x[0], y[1] - y[0]];
  const { ambient, gloss } = scene;
  const light = towardsObject(scene.light, scene.tilt);
  const half = towardsObject(halfway(scene.light), scene.tilt);
  // Slopes end at the outline: a neighbour outside counts as the place itself.
  const slope = (at: number, before: number, after: number, step: number) => {
    const from = distance[before] > 0 ? before : at;
    const to = distance[after] > 0 ? after : at;
    return from === to ? 0 : (height[to] - height[from]) / (from === at || to === at ? step : 2 * step);
  };
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const at = row * columns + column;
      if (distance[at] <= 0) continue;
      const slopeX = slope(at, column > 0 ? at - 1 : at, column + 1 < columns ? at + 1 : at, stepX);
      const slopeY = slope(at, row > 0 ? at - columns : at, row + 1 < rows ? at + columns : at, stepY);
      const length = Math.sqrt(slopeX * slopeX + slopeY * slopeY + 1);
      const lambert = Math.max(0, (light[2] - slopeX * light[0] - slopeY * light[1]) / length);
      const mirrored = Math.max(0, (half[2] - slopeX * half[0] - slopeY * half[1]) / length);
      const squared = mirrored * mirrored;
      const fourth = squared * squared;
      const highlight = gloss * fourth * fourth * fourth * fourth * fourth;
      const factor = ambient + (1 - ambient) * lambert;
      for (let c = 0; c < 3; c++) into[3 * at + c] = albedo[3 * at + c] * factor + highlight;
    }
  }
}

/** An empty picture. */
export function createRaster({ background }: Scene, side: number): Raster {
  const colour = new Float32Array(side * side * 3);
  for (let i = 0; i < colour.length; i++) colour[i] = background[i % 3];
  const depth = new Float32Array(side * side).fill(Number.NEGATIVE_INFINITY);
  return { side, colour, depth, damage: new Uint8Array(side * side) };
}

/**
 * Draws rows of a lit surface, tilted about the vertical axis, seen from above by a camera without perspective. Tilting
 * leaves every point in its row, so a row is a chain of pieces that are filled from end to end: no gaps on steep slopes.
 *
 * @param removed - Which places are not there. @defaultValue none
 */
export function drawRows(
  { grid, distance, height }: Surface,
  lit: LitSurface,
  scene: Scene,
  damage: Uint8Array | undefined,
  raster: Raster,
  [top, bottom]: readonly [number, number] = [0, grid.rows],
): void {
  const { columns, x } = grid;
  const half = raster.side / 2;
  const [cos, sin] = [Math.cos(scene.tilt), Math.sin(scene.tilt)];
  let last: Knot = { at: 0, place: 0, depth: 0 };
  let next: Knot = { at: 0, place: 0, depth: 0 };
  const put = (knot: Knot, at: number, u: number, h: number) => {
    knot.at = at;
    knot.place = ((u * cos + h * sin) * scene.scale + 1 + scene.offset[0]) * half;
    knot.depth = h * cos - u * sin;
  };
  for (let row = top; row < bottom; row++) {
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      const at = start + column;
      const isInside = distance[at] > 0;
      const wasInside = column > 0 && distance[at - 1] > 0;
      // Where the outline is crossed the surface meets the ground; without that point the steep rim would end at
      // another height in every row.
      if (column > 0 && isInside !== wasInside) {
        const t = distance[at - 1] / (distance[at - 1] - distance[at]);
        const u = x[column - 1] + t * (x[column] - x[column - 1]);
        put(next, wasInside ? at - 1 : at, u, 0);
        if (wasInside) fillPiece(raster, row, last, next, lit, damage);
        [last, next] = [next, last];
      }
      if (!isInside) continue;
      put(next, at, x[column], height[at]);
      if (column > 0) fillPiece(raster, row, last, next, lit, damage);
      [last, next] = [next, last];
    }
  }
}

/** A point of a row's chain: the place of the surface that gives it its colour, where it is on the picture, and how near. */
interface Knot {
  at: number;
  /** Along the row, in pixels. */
  place: number;
  depth: number;
}

/** From one point of a row to the next; what looks away from the camera is left out. */
function fillPiece(
  { side, colour, depth, damage: damaged }: Raster,
  row: number,
  from: Knot,
  to: Knot,
  lit: LitSurface,
  damage: Uint8Array | undefined,
): void {
  const length = to.place - from.place;
  for (
    let pixel = Math.max(0, Math.ceil(from.place - 0.5));
    pixel < side && pixel + 0.5 < to.place;
    pixel++
  ) {
    const t = (pixel + 0.5 - from.place) / length;
    const z = from.depth + t * (to.depth - from.depth);
    const target = row * side + pixel;
    const kind = damage ? damage[t < 0.5 ? from.at : to.at] : 0;
    if (kind === REMOVED || z <= depth[target]) continue;
    depth[target] = z;
    damaged[target] = kind;
    for (let c = 0; c < 3; c++) {
      const begin = lit[3 * from.at + c];
      colour[3 * target + c] = begin + t * (lit[3 * to.at + c] - begin);
    }
  }
}

/** In `damage`: the place is not there any more. */
const REMOVED = 2;

/** A direction of the camera's as the object, tilted about the vertical axis, sees it. */
function towardsObject([x, y, z]: readonly [number, number, number], tilt: number): [number, number, number] {
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  return [x * cos - z * sin, y, x * sin + z * cos];
}

/** Between the light and the camera, unit length. */
function halfway([x, y, z]: readonly [number, number, number]): [number, number, number] {
  const length = Math.sqrt(x * x + y * y + (z + 1) ** 2);
  return [x / length, y / length, (z + 1) / length];
}
