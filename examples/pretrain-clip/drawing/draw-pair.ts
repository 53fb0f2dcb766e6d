import type { Rng } from '@anomclip/core/random';
import { shapeOf } from './categories.js';
import { type DamagedSurface, type DefectKind, damageSurface } from './defects.js';
import { normalNumbers } from './noise-field.js';
import { createRaster, drawRows, lightSurface, type Raster } from './render.js';
import { drawScene, type Scene } from './scene.js';
import { buildSurface, type Surface } from './surface.js';

/** Two pictures of one object in one scene: as it should be, and damaged. */
export interface Pair {
  readonly category: string;
  readonly isRendering: boolean;
  /** Words for captions: colour and material of a photograph, `smooth` or `rough` for a rendering. */
  readonly colour?: string;
  readonly material: string;
  readonly defect: DefectKind;
  /** Visible share of the object's pixels that is damaged. */
  readonly area: number;
  /** [side, side, 3], 0…255. */
  readonly normal: Uint8Array;
  readonly anomalous: Uint8Array;
  /** [side, side], 1 where damaged. */
  readonly mask: Uint8Array;
}

export interface DrawOptions {
  /** Of a picture in pixels, even. */
  readonly side: number;
  /** How often a pair is a rendering and no photograph. @defaultValue 0.5 */
  readonly renderingShare?: number;
}

/** A pair of a category. Objects on which no defect can be seen are drawn anew. */
export function drawPair(category: string, rng: Rng, options: DrawOptions): Pair {
  for (let object = 0; ; object++) {
    const pair = tryPair(category, options, rng.fork('object', object));
    if (pair) return pair;
  }
}

/** Damaged share of the object's pixels, and mean change in grey levels within it, that make a defect. */
const AREAS = { least: 0.0025, most: 0.09 };
const LEAST_CHANGE = 14;

function tryPair(category: string, { side, renderingShare = 0.5 }: DrawOptions, rng: Rng): Pair | undefined {
  const scene = drawScene(rng.fork('scene'), renderingShare);
  const surface = buildSurface(shapeOf(category), scene, 2 * side, rng);
  if (surface.insideCount < 0.05 * surface.distance.length) return undefined;
  const lit = new Float32Array(surface.albedo.length);
  lightSurface(surface, scene, lit);
  const intact = drawWhole(surface, lit, scene, side);
  const normal = reduced(intact);
  const objectSize = covered(intact);
  for (let attempt = 0; attempt < 5; attempt++) {
    const damaged = damageSurface(surface, scene, rng.fork('defect', attempt));
    if (!damaged) continue;
    const { raster, mask } = drawDamaged(surface, damaged, lit, scene, intact);
    const anomalous = reduced(raster);
    const { count, change } = compare(normal, anomalous, mask);
    const area = count / objectSize;
    if (area < AREAS.least || area > AREAS.most || change < LEAST_CHANGE) continue;
    return {
      category,
      isRendering: scene.isRendering,
      colour: scene.colourName,
      material: scene.materialName ?? (scene.roughness > 0.006 ? 'rough' : 'smooth'),
      defect: damaged.kind,
      area,
      normal: finish(normal, scene, rng.fork('noise', 'normal')),
      anomalous: finish(anomalous, scene, rng.fork('noise', 'anomalous')),
      mask: scene.isTransposed ? transposed(mask, side, 1) : mask,
    };
  }
  return undefined;
}

function drawWhole(surface: Surface, lit: Float32Array, scene: Scene, side: number): Raster {
  const raster = createRaster(scene, 2 * side);
  drawRows(surface, lit, scene, undefined, raster);
  return raster;
}

/** The damaged object, of which only the rows around the defect are new, and the visible part of the defect, [side, side]. */
function drawDamaged(
  surface: Surface,
  damaged: DamagedSurface,
  lit: Float32Array,
  scene: Scene,
  intact: Raster,
): { raster: Raster; mask: Uint8Array } {
  const litAnew = lit.slice();
  lightSurface(damaged, scene, litAnew, damaged.rows, damaged.columns);
  const raster = createRaster(scene, intact.side);
  copyOtherRows(intact, raster, damaged.rows);
  drawRows(damaged, litAnew, scene, damaged.damage, raster, damaged.rows);
  if (damaged.damage.includes(2)) markRemoved(surface, damaged, lit, scene, raster);
  return { raster, mask: reducedMask(raster) };
}

/** Marks the pixels that showed what has been removed, unless another part of the object is seen there now. */
function markRemoved(
  surface: Surface,
  damaged: DamagedSurface,
  lit: Float32Array,
  scene: Scene,
  raster: Raster,
): void {
  const before = createRaster(scene, raster.side);
  const wasRemoved = damaged.damage.map((kind) => (kind === 2 ? 1 : 0));
  drawRows(surface, lit, scene, wasRemoved, before, damaged.rows);
  for (let i = 0; i < before.damage.length; i++) {
    if (before.damage[i] === 1 && raster.depth[i] === Number.NEGATIVE_INFINITY) raster.damage[i] = 1;
  }
}

function copyOtherRows(from: Raster, to: Raster, [top, bottom]: readonly [number, number]): void {
  const { side } = from;
  for (const [first, end] of [
    [0, top],
    [bottom, side],
  ]) {
    to.colour.set(from.colour.subarray(first * side * 3, end * side * 3), first * side * 3);
    to.depth.set(from.depth.subarray(first * side, end * side), first * side);
  }
}

/** Means of 2 × 2 pixels, three numbers per pixel. */
function reduced({ side, colour }: Raster): Float32Array {
  const half = side / 2;
  const result = new Float32Array(half * half * 3);
  for (let row = 0, at = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      const first = (2 * row * side + 2 * column) * 3;
      for (let c = 0; c < 3; c++, at++) {
        const above = colour[first + c] + colour[first + 3 + c];
        result[at] = (above + colour[first + 3 * side + c] + colour[first + 3 * side + 3 + c]) / 4;
      }
    }
  }
  return result;
}

/** 1 where at least two of 2 × 2 pixels are damaged. */
function reducedMask({ side, damage }: Raster): Uint8Array {
  const half = side / 2;
  const mask = new Uint8Array(half * half);
  for (let row = 0, at = 0; row < half; row++) {
    for (let column = 0; column < half; column++, at++) {
      const first = 2 * row * side + 2 * column;
      const count = damage[first] + damage[first + 1] + damage[first + side] + damage[first + side + 1];
      mask[at] = count >= 2 ? 1 : 0;
    }
  }
  return mask;
}

/** Pixels of the reduced picture that show the object. */
function covered({ depth }: Raster): number {
  let count = 0;
  for (const z of depth) if (z > Number.NEGATIVE_INFINITY) count++;
  return count / 4;
}

/** Masked pixels, and the mean absolute change of their channels. */
function compare(normal: Float32Array, anomalous: Float32Array, mask: Uint8Array) {
  let [count, change] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    count++;
    for (let c = 3 * i; c < 3 * i + 3; c++) change += Math.abs(anomalous[c] - normal[c]);
  }
  return { count, change: change / (3 * Math.max(1, count)) };
}

/** Adds the noise of ground and sensor and rounds. A rendering's noise is grey. */
function finish(picture: Float32Array, scene: Scene, rng: Rng): Uint8Array {
  const { background, backgroundNoise, sensorNoise, isRendering, isTransposed } = scene;
  const side = Math.sqrt(picture.length / 3);
  const normal = normalNumbers(rng);
  const bytes = new Uint8Array(picture.length);
  for (let pixel = 0; pixel < picture.length; pixel += 3) {
    let isGround = backgroundNoise > 0;
    for (let c = 0; c < 3; c++) isGround &&= picture[pixel + c] === Math.fround(background[c]);
    const ground = isGround ? backgroundNoise * normal() : 0;
    const grey = isRendering ? normal() : 0;
    for (let c = 0; c < 3; c++) {
      const noise = sensorNoise * (isRendering ? grey : normal());
      bytes[pixel + c] = Math.max(0, Math.min(255, Math.round(picture[pixel + c] + ground + noise)));
    }
  }
  return isTransposed ? transposed(bytes, side, 3) : bytes;
}

function transposed(values: Uint8Array, side: number, channels: number): Uint8Array {
  const result = new Uint8Array(values.length);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      for (let c = 0; c < channels; c++) {
        result[(column * side + row) * channels + c] = values[(row * side + column) * channels + c];
      }
    }
  }
  return result;
}
