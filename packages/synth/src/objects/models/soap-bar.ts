import type { Rng } from '@anomclip/core/random';
import { blend, type Colour } from '../colours.js';
import { createNoise, fractal } from '../noise.js';
import type { ObjectModel } from '../object-model.js';
import { box, roundedEdge, smoothstep } from '../planar.js';

const mint: Colour = [0.66, 0.85, 0.76];
const cream: Colour = [0.93, 0.93, 0.86];

/** A pillow-shaped bar with an embossed emblem and marbled veins. */
export function soapBar(rng: Rng): ObjectModel {
  const halfLength = 0.045 * rng.uniform(0.98, 1.02);
  const halfWidth = 0.03 * rng.uniform(0.98, 1.02);
  const thickness = 0.021 * rng.uniform(0.97, 1.03);
  const veins = fractal(createNoise(rng.fork('veins')), 3);
  return {
    reach: 0.052,
    top: 0.023,
    turn: Math.PI,
    gloss: 0.35,
    flesh: [0.9, 0.96, 0.92],
    height(u, v) {
      const inside = box(u, v, halfLength, halfWidth, 0.016);
      if (inside <= 0) return 0;
      const pillow = 0.45 + 0.55 * roundedEdge(inside, 0.022);
      return thickness * pillow - 0.0012 * emblem(u, v);
    },
    paint(out, u, v) {
      const warp = veins(u / 0.03 + 9.1, v / 0.03 + 4.7);
      const vein = Math.abs(veins(u / 0.035 + 0.8 * warp, v / 0.02 + 0.8 * warp));
      blend(out, cream, mint, 0.15 + 4 * vein);
    },
  };
}

/** 1 in the grooves of the emblem, 0 beside them: an oval ring around a bar and two dots. */
function emblem(u: number, v: number): number {
  const oval = Math.sqrt((u * u) / (0.023 * 0.023) + (v * v) / (0.014 * 0.014));
  const ring = Math.abs(oval - 1) * 0.015;
  const bar = -box(u, v, 0.008, 0.0016, 0.0016);
  const dots = -box(Math.abs(u) - 0.0135, v, 0.0018, 0.0018, 0.0018);
  return smoothstep(0.0017, 0.0004, Math.min(ring, bar + 0.001, dots + 0.001));
}
