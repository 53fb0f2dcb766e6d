import type { Rng } from '@anomclip/core/random';
import { type Colour, dim } from '../colours.js';
import { createNoise, createSpots, fractal } from '../noise.js';
import type { ObjectModel } from '../object-model.js';
import { box, roundedEdge } from '../planar.js';

const yellow: Colour = [0.93, 0.8, 0.38];

/** A soft block with slightly wavy sides, full of pores of two sizes. */
export function sponge(rng: Rng): ObjectModel {
  const halfLength = 0.044 * rng.uniform(0.98, 1.02);
  const halfWidth = 0.03 * rng.uniform(0.98, 1.02);
  const thickness = 0.024 * rng.uniform(0.97, 1.03);
  const shape = createNoise(rng.fork('shape'));
  const tone = fractal(createNoise(rng.fork('tone')), 2);
  const large = createSpots(rng.fork('large'), 0.55);
  const small = createSpots(rng.fork('small'), 0.7);
  const pores = (u: number, v: number): number =>
    Math.min(1, 1.6 * large(u / 0.0062, v / 0.0062) + 0.7 * small(u / 0.0026, v / 0.0026));
  return {
    reach: 0.056,
    top: 0.027,
    turn: 0.5,
    gloss: 0,
    flesh: [0.97, 0.9, 0.6],
    height(u, v) {
      const inside = box(u, v, halfLength, halfWidth, 0.006) + 0.0008 * shape(u / 0.02, v / 0.02);
      if (inside <= 0) return 0;
      const swell = 1 + 0.04 * shape(u / 0.035 + 7.5, v / 0.035);
      return thickness * swell * (0.8 + 0.2 * roundedEdge(inside, 0.005)) - 0.0011 * pores(u, v);
    },
    paint(out, u, v) {
      out.set(yellow);
      dim(out, 1 + 0.08 * tone(u / 0.012, v / 0.012) - 0.4 * pores(u, v));
    },
  };
}
