import type { Rng } from '@anomclip/core/random';
import { blend, type Colour, cover } from '../colours.js';
import { createNoise, createSpots, fractal } from '../noise.js';
import type { ObjectModel } from '../object-model.js';
import { polylineDistance } from '../planar.js';

const golden: Colour = [0.75, 0.47, 0.2];
const brown: Colour = [0.44, 0.21, 0.08];
const salt: Colour = [0.95, 0.94, 0.92];

/** Control points of the strand from one end to the bottom of the bow; the other half is its mirror image. */
const halfStrand: readonly (readonly [number, number])[] = [
  [-0.4, -0.62],
  [-0.16, -0.25],
  [0.04, 0.08],
  [0.3, 0.45],
  [0.66, 0.52],
  [0.9, 0.2],
  [0.82, -0.3],
  [0.45, -0.68],
];

/** A baked strand, crossed once, with three holes and coarse salt. */
export function pretzel(rng: Rng): ObjectModel {
  const scale = 0.053 * rng.uniform(0.97, 1.03);
  const thickness = 0.0088 * rng.uniform(0.95, 1.05);
  const strand = strandSegments(scale, rng.fork('strand'));
  const skin = fractal(createNoise(rng.fork('skin')), 2);
  const grains = createSpots(rng.fork('salt'), 0.16);

  /** Height of the strand's round cross-section, 0 beside it. */
  const round = (u: number, v: number): number => {
    const distance = polylineDistance(u, v, strand);
    const t = distance / (thickness * (1 + 0.08 * skin(u / 0.02, v / 0.02)));
    return t < 1 ? thickness * (0.75 + 1.05 * Math.sqrt(1 - t * t)) : 0;
  };
  const saltAt = (u: number, v: number, w: number): number =>
    w > 1.45 * thickness ? Math.min(1, 2.5 * grains(u / 0.0038, v / 0.0038)) : 0;

  return {
    reach: 0.062,
    top: 0.0185,
    turn: 0.5,
    gloss: 0.25,
    flesh: [0.93, 0.84, 0.62],
    height(u, v) {
      const w = round(u, v);
      if (w <= 0) return 0;
      return w + 0.0008 * saltAt(u, v, w) + 0.00008 * skin(u / 0.0016, v / 0.0016);
    },
    paint(out, u, v, w) {
      blend(out, golden, brown, 0.5 + 0.6 * skin(u / 0.009, v / 0.009));
      cover(out, golden, w < thickness ? 0.5 : 0);
      cover(out, salt, 0.9 * saltAt(u, v, w));
    },
  };
}

/** The strand as a polyline of xy pairs, metres: Catmull–Rom through slightly moved control points. */
function strandSegments(scale: number, rng: Rng): number[] {
  const half = halfStrand.map(([x, y]) => [
    x + rng.uniform(-0.015, 0.015),
    y + 0.08 + rng.uniform(-0.015, 0.015),
  ]);
  const controls = [...half, [0, -0.74], ...half.map(([x, y]) => [-x, y]).reverse()];
  const points: number[] = [];
  const pieces = 4;
  for (let k = 0; k + 1 < controls.length; k++) {
    const p0 = controls[Math.max(0, k - 1)];
    const p1 = controls[k];
    const p2 = controls[k + 1];
    const p3 = controls[Math.min(controls.length - 1, k + 2)];
    for (let step = 0; step < pieces; step++) {
      const t = step / pieces;
      for (let axis = 0; axis < 2; axis++) {
        const a = 2 * p1[axis];
        const b = p2[axis] - p0[axis];
        const c = 2 * p0[axis] - 5 * p1[axis] + 4 * p2[axis] - p3[axis];
        const d = 3 * p1[axis] - p0[axis] - 3 * p2[axis] + p3[axis];
        points.push((scale * (a + t * (b + t * (c + t * d)))) / 2);
      }
    }
  }
  const [endX, endY] = controls[controls.length - 1];
  points.push(scale * endX, scale * endY);
  return points;
}
