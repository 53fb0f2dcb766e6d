import type { Rng } from '@anomclip/core/random';
import { materials } from './materials.js';
import { noiseField } from './noise-field.js';
import type { Scene } from './scene.js';
import type { ShapeFamily } from './shape.js';

/** Half the width of the square that is sampled, in the unit of shapes. */
const EXTENT = 1.12;

/** A grid over the object's plane: its rows are those of the picture before it is reduced, its columns a little finer. */
interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Places of columns and rows, in the unit of shapes. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** An object on the grid, row-major. */
export interface Surface {
  readonly grid: Grid;
  /** Roughly the distance to the outline, positive inside. */
  readonly distance: Float32Array;
  readonly height: Float32Array;
  /** 0…255 and above, three per place, before it is lit. */
  readonly albedo: Float32Array;
  /** Places inside. */
  readonly insideCount: number;
}

/** @param side - Of the picture before it is reduced. */
function gridOf(scene: Scene, side: number): Grid {
  const columns = Math.ceil(side * 1.25);
  const half = side / 2;
  return {
    rows: side,
    columns,
    x: Float32Array.from({ length: columns }, (_, i) => EXTENT * ((2 * i) / (columns - 1) - 1)),
    y: Float32Array.from({ length: side }, (_, i) => ((i + 0.5) / half - 1 - scene.offset[1]) / scene.scale),
  };
}

export function buildSurface(family: ShapeFamily, scene: Scene, side: number, rng: Rng): Surface {
  const grid = gridOf(scene, side);
  const { rows, columns, x, y } = grid;
  const shape = family(rng.fork('shape'));
  const distance = new Float32Array(rows * columns);
  const height = new Float32Array(rows * columns);
  const [cos, sin] = [Math.cos(scene.rotation), Math.sin(scene.rotation)];
  const [stretchU, stretchV] = [scene.mirror / Math.sqrt(scene.aspect), Math.sqrt(scene.aspect)];
  let insideCount = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const u = (cos * x[column] + sin * y[row]) * stretchU;
      const v = (cos * y[row] - sin * x[column]) * stretchV;
      const d = shape.distance(u, v);
      distance[at] = d;
      if (d <= 0) continue;
      height[at] = shape.height(d, u, v);
      insideCount++;
    }
  }
  roughen(height, scene, grid, rng);
  return { grid, distance, height, albedo: paint(scene, grid, rng), insideCount };
}

function roughen(height: Float32Array, { roughness, grain, waviness }: Scene, grid: Grid, rng: Rng): void {
  const { rows, columns } = grid;
  for (const [name, amplitude, cells] of [
    ['fine', roughness, grain],
    ['coarse', waviness, 4],
  ] as const) {
    if (amplitude === 0) continue;
    const noise = noiseField(rng.fork(name), rows, columns, cells);
    for (let i = 0; i < height.length; i++) height[i] += amplitude * noise[i];
  }
}

function paint({ colour, materialName }: Scene, { rows, columns }: Grid, rng: Rng): Float32Array {
  const texture = materialName && materials[materialName].texture(rng.fork('texture'), rows, columns);
  const albedo = new Float32Array(rows * columns * 3);
  for (let i = 0; i < rows * columns; i++) {
    const factor = texture ? Math.max(0.1, texture[i]) : 1;
    for (let c = 0; c < 3; c++) albedo[3 * i + c] = colour[c] * factor;
  }
  return albedo;
}
