import type { Rng } from '@anomclip/core/random';
import { blend, type Colour, cover } from '../colours.js';
import { createNoise, createSpots, fractal } from '../noise.js';
import type { ObjectModel } from '../object-model.js';
import { smoothstep } from '../planar.js';

const pale: Colour = [0.86, 0.68, 0.42];
const crust: Colour = [0.6, 0.33, 0.13];
const flour: Colour = [0.93, 0.89, 0.8];
const crumb: Colour = [0.95, 0.88, 0.7];

/** A domed bun, lumpy as baked things are, scored along its middle and dusted with flour. */
export function breadRoll(rng: Rng): ObjectModel {
  const halfLength = 0.047 * rng.uniform(0.96, 1.04);
  const halfWidth = 0.039 * rng.uniform(0.96, 1.04);
  const rise = 0.031 * rng.uniform(0.95, 1.05);
  const lumps = fractal(createNoise(rng.fork('lumps')), 2);
  const skin = fractal(createNoise(rng.fork('skin')), 2);
  const dust = createSpots(rng.fork('dust'), 0.35);

  const dome = (u: number, v: number): number => {
    const x = u / halfLength;
    const y = v / halfWidth;
    return 1 - (x * x + y * y) * (1 + 0.1 * lumps(u / 0.03, v / 0.03));
  };
  const score = (u: number, v: number): number => {
    const aside = v - 0.002 * lumps(u / 0.02 + 40, 0.5);
    return smoothstep(0.0035, 0, Math.abs(aside)) * smoothstep(0.032, 0.024, Math.abs(u));
  };

  return {
    reach: 0.054,
    top: 0.035,
    turn: Math.PI,
    gloss: 0.08,
    flesh: crumb,
    height(u, v) {
      const inside = dome(u, v);
      if (inside <= 0) return 0;
      return rise * Math.sqrt(inside) - 0.0022 * score(u, v) + 0.00012 * skin(u / 0.0016, v / 0.0016);
    },
    paint(out, u, v, w) {
      const baked = 0.25 + (0.75 * w) / rise + 0.35 * skin(u / 0.008, v / 0.008);
      blend(out, pale, crust, baked);
      cover(out, pale, 0.7 * score(u, v));
      cover(out, flour, 0.55 * Math.min(1, 2 * dust(u / 0.0035, v / 0.0035)));
    },
  };
}
