import { type MaskMap, maskPlane, type ScoreMap } from './inputs.js';

/** A map over fresh, contiguous memory. */
export interface ReferenceMap extends ScoreMap {
  readonly data: Float32Array;
}

/**
 * A map that knows nothing of defects: 1 on the object and 0 elsewhere, plus uniform noise in [0, 0.001) that
 * breaks ties. With an object that fills a share φ of the image and all anomalies on it, AUPRO at limit L is
 * about 1 − φ / 2L for φ ≤ L and L / 2φ above. A localisation method that does not beat it has learned nothing.
 *
 * @param valid - [H, W], non-zero on the object.
 * @param random - The next number in [0, 1).
 */
export function foregroundMap(valid: MaskMap, random: () => number): ReferenceMap {
  const { values, height, width } = maskPlane('foregroundMap', valid);
  const data = new Float32Array(height * width);
  for (let i = 0; i < data.length; i++) data[i] = (values[i] !== 0 ? 1 : 0) + 1e-3 * random();
  return asMap(data, height, width);
}

/**
 * A map that suspects the rim of the object: on it, minus the Euclidean distance in pixels to the nearest pixel
 * off the object; off the object, minus the diagonal of the image, which is lower than all on it.
 *
 * @param valid - [H, W], non-zero on the object. Where all of it is, there is no rim and every pixel scores alike.
 */
export function edgeMap(valid: MaskMap): ReferenceMap {
  const { values, height, width } = maskPlane('edgeMap', valid);
  const lowest = -Math.hypot(height, width);
  const squared = squaredDistances(values, height, width);
  const data = new Float32Array(height * width);
  for (let i = 0; i < data.length; i++)
    data[i] = values[i] === 0 ? lowest : Math.max(lowest, -Math.sqrt(squared[i]));
  return asMap(data, height, width);
}

function asMap(data: Float32Array, height: number, width: number): ReferenceMap {
  return { data, shape: [height, width], stride: [width, 1], offset: 0 };
}

/**
 * Squared distance of every pixel to the nearest zero pixel, by columns and then by rows: the lower envelope
 * of parabolas (Felzenszwalb and Huttenlocher 2012).
 */
function squaredDistances(mask: Uint8Array, height: number, width: number): Float64Array {
  const squared = Float64Array.from(mask.subarray(0, height * width), (value) =>
    value === 0 ? 0 : Infinity,
  );
  for (let column = 0; column < width; column++) lowerEnvelope(squared, column, width, height);
  for (let row = 0; row < height; row++) lowerEnvelope(squared, row * width, 1, width);
  return squared;
}

/** Replaces each of `count` values f(q), `step` apart, by min over p of (q − p)² + f(p). */
function lowerEnvelope(values: Float64Array, first: number, step: number, count: number): void {
  const heights = Float64Array.from({ length: count }, (_, i) => values[first + i * step]);
  const vertices: number[] = [];
  const starts: number[] = []; // from where on each parabola is the lowest
  for (let q = 0; q < count; q++) {
    if (heights[q] === Infinity) continue;
    let start = -Infinity;
    while (vertices.length > 0) {
      const p = vertices[vertices.length - 1];
      start = (heights[q] + q * q - (heights[p] + p * p)) / (2 * (q - p));
      if (start > starts[starts.length - 1]) break;
      vertices.pop();
      starts.pop();
      start = -Infinity;
    }
    vertices.push(q);
    starts.push(start);
  }
  if (vertices.length === 0) return;
  for (let q = 0, k = 0; q < count; q++) {
    while (k + 1 < vertices.length && starts[k + 1] <= q) k++;
    values[first + q * step] = (q - vertices[k]) ** 2 + heights[vertices[k]];
  }
}
