import type { Rng } from '@anomclip/core/random';
import { blend, type Colour, dim } from '../colours.js';
import { createNoise } from '../noise.js';
import type { ObjectModel } from '../object-model.js';
import { disc, roundedEdge, smoothstep } from '../planar.js';
import { createWoodGrain } from '../textures.js';

const light: Colour = [0.78, 0.6, 0.4];
const dark: Colour = [0.56, 0.37, 0.2];

/** A flat wooden disc with a shallow recess inside a rim. */
export function coaster(rng: Rng): ObjectModel {
  const radius = 0.047 * rng.uniform(0.98, 1.02);
  const thickness = 0.0115 * rng.uniform(0.97, 1.03);
  const grain = createWoodGrain(rng.fork('grain'), 0.0045);
  const fibre = createNoise(rng.fork('fibre'));
  return {
    reach: 0.049,
    top: 0.0125,
    turn: Math.PI,
    gloss: 0.12,
    flesh: [0.9, 0.78, 0.56],
    height(u, v) {
      const inside = disc(u, v, radius);
      if (inside <= 0) return 0;
      const recess = 0.0016 * smoothstep(0.007, 0.0095, inside);
      const rough = 0.00006 * fibre(u / 0.006, v / 0.0006);
      return thickness - 0.002 + 0.002 * roundedEdge(inside, 0.002) - recess + rough;
    },
    paint(out, u, v) {
      blend(out, light, dark, grain(u, v));
      dim(out, 1 + 0.08 * fibre(u / 0.01, v / 0.0007));
    },
  };
}
