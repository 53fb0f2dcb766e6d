import { ArgumentError } from '@anomclip/core';
import type { ObjectModel } from './object-model.js';
import type { Box } from './ray-cast.js';

/** An object sampled on a square grid of nodes over the support; between nodes everything is bilinear. */
export interface Relief {
  /** Nodes per side. Node (row i, column j) lies at u = j · pitch − half, v = i · pitch − half. */
  readonly size: number;
  /** Distance of neighbouring nodes, metres. */
  readonly pitch: number;
  /** Half the side of the square, metres. */
  readonly half: number;
  /** The square. */
  readonly bounds: Box;
  /** Upper bound of the heights of the object and of any defect on it, metres. */
  readonly ceiling: number;
  /** [size, size], metres above the support, 0 where the object is not. */
  readonly heights: Float32Array;
  /** [size, size, 3], in [0, 1]. Defined one node beyond the outline too, for the walls. */
  readonly colours: Float32Array;
  /** [size, size], share of the ambient light that arrives, in (0, 1]: hollows are darker. */
  readonly openness: Float32Array;
}

/** Room above an object's top that defects may use, metres. */
const headroom = 0.006;

/** Width of the neighbourhood that shades a hollow, metres. */
const hollowRadius = 0.005;

/** Samples a model every `pitch` metres. */
export function rasterise(model: ObjectModel, pitch: number): Relief {
  if (!(pitch > 0)) throw new ArgumentError('rasterise', 'a pitch above 0', pitch);
  const cells = Math.ceil((2 * model.reach) / pitch) + 4;
  const size = cells + 1;
  const half = (cells * pitch) / 2;
  const heights = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      heights[i * size + j] = Math.max(0, model.height(j * pitch - half, i * pitch - half));
    }
  }
  const colours = new Float32Array(3 * size * size);
  const colour = new Float64Array(3);
  for (let i = 1; i < size - 1; i++) {
    for (let j = 1; j < size - 1; j++) {
      const node = i * size + j;
      if (!touchesObject(heights, size, node)) continue;
      model.paint(colour, j * pitch - half, i * pitch - half, heights[node]);
      colours.set(colour, 3 * node);
    }
  }
  return {
    size,
    pitch,
    half,
    bounds: { minU: -half, maxU: half, minV: -half, maxV: half },
    ceiling: model.top + headroom,
    heights,
    colours,
    openness: opennessOf(heights, size, pitch),
  };
}

/** Height at (u, v), 0 outside the square. */
export function heightAt({ size, pitch, half, heights }: Relief, u: number, v: number): number {
  const x = (u + half) / pitch;
  const y = (v + half) / pitch;
  if (!(x >= 0 && y >= 0 && x < size - 1 && y < size - 1)) return 0;
  const j = Math.floor(x);
  const i = Math.floor(y);
  return bilinear(heights, i * size + j, 1, size, x - j, y - i);
}

/** Writes red, green, blue and openness at (u, v) into `out`; outside the square black, fully open. */
export function appearanceAt(relief: Relief, u: number, v: number, out: Float64Array): void {
  const { size, pitch, half, colours, openness } = relief;
  const x = (u + half) / pitch;
  const y = (v + half) / pitch;
  out.fill(0);
  out[3] = 1;
  if (!(x >= 0 && y >= 0 && x < size - 1 && y < size - 1)) return;
  const j = Math.floor(x);
  const i = Math.floor(y);
  const node = i * size + j;
  const fx = x - j;
  const fy = y - i;
  for (let c = 0; c < 3; c++) out[c] = bilinear(colours, 3 * node + c, 3, 3 * size, fx, fy);
  out[3] = bilinear(openness, node, 1, size, fx, fy);
}

/** The smallest rectangle around the nodes at which two reliefs of one size differ; empty (min > max) if none. */
export function changedBox(a: Relief, b: Relief): Box {
  const { size, pitch, half } = a;
  let [top, bottom, left, right] = [size, -1, size, -1];
  for (let i = 0, node = 0; i < size; i++) {
    for (let j = 0; j < size; j++, node++) {
      const same =
        a.heights[node] === b.heights[node] &&
        a.openness[node] === b.openness[node] &&
        a.colours[3 * node] === b.colours[3 * node] &&
        a.colours[3 * node + 1] === b.colours[3 * node + 1] &&
        a.colours[3 * node + 2] === b.colours[3 * node + 2];
      if (same) continue;
      top = Math.min(top, i);
      bottom = i;
      left = Math.min(left, j);
      right = Math.max(right, j);
    }
  }
  return {
    minU: left * pitch - half,
    maxU: right * pitch - half,
    minV: top * pitch - half,
    maxV: bottom * pitch - half,
  };
}

/** Between the entry at `index`, the next in its row, and the two below, at fractions fx, fy in [0, 1). */
function bilinear(
  values: Float32Array,
  index: number,
  columnStride: number,
  rowStride: number,
  fx: number,
  fy: number,
): number {
  const below = index + rowStride;
  const upper = values[index] + fx * (values[index + columnStride] - values[index]);
  const lower = values[below] + fx * (values[below + columnStride] - values[below]);
  return upper + fy * (lower - upper);
}

function touchesObject(heights: Float32Array, size: number, node: number): boolean {
  for (let row = node - size; row <= node + size; row += size) {
    if (heights[row - 1] > 0 || heights[row] > 0 || heights[row + 1] > 0) return true;
  }
  return false;
}

/**
 * A cheap stand-in for ambient occlusion: a place is as dark as its surroundings stand above it on average,
 * half the light at 2 cm.
 */
function opennessOf(heights: Float32Array, size: number, pitch: number): Float32Array {
  const radius = Math.max(1, Math.round(hollowRadius / pitch));
  const mean = boxBlur(boxBlur(heights, size, radius, 1), size, radius, size);
  const open = new Float32Array(heights.length);
  for (let node = 0; node < open.length; node++) {
    open[node] = 1 / (1 + Math.max(0, mean[node] - heights[node]) / 0.02);
  }
  return open;
}

/** Mean over 2 · radius + 1 nodes along one axis of the square (stride 1: along a row, size: a column). */
function boxBlur(values: Float32Array, size: number, radius: number, stride: number): Float32Array {
  const out = new Float32Array(values.length);
  const lineStride = stride === 1 ? size : 1;
  for (let line = 0; line < size; line++) {
    const start = line * lineStride;
    let sum = 0;
    for (let k = 0; k < Math.min(radius, size); k++) sum += values[start + k * stride];
    for (let k = 0; k < size; k++) {
      if (k + radius < size) sum += values[start + (k + radius) * stride];
      if (k - radius - 1 >= 0) sum -= values[start + (k - radius - 1) * stride];
      out[start + k * stride] = sum / (2 * radius + 1);
    }
  }
  return out;
}
