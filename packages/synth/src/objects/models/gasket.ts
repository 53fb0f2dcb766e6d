import type { Rng } from '@anomclip/core/random';
import { type Colour, dim } from '../colours.js';
import { createNoise, createSpots } from '../noise.js';
import type { ObjectModel } from '../object-model.js';
import { disc, roundedEdge, smoothUnion } from '../planar.js';

const rubber: Colour = [0.72, 0.27, 0.16];

/** A silicone ring with two ears, a bolt hole in each, and a sealing bead around the bore. */
export function gasket(rng: Rng): ObjectModel {
  const outer = 0.0395 * rng.uniform(0.99, 1.01);
  const bore = 0.024 * rng.uniform(0.98, 1.02);
  const thickness = 0.0115 * rng.uniform(0.98, 1.02);
  const earAt = 0.045;
  const skin = createNoise(rng.fork('skin'));
  const specks = createSpots(rng.fork('specks'), 0.3);
  return {
    reach: 0.057,
    top: 0.014,
    turn: Math.PI,
    gloss: 0.15,
    flesh: [0.85, 0.48, 0.36],
    height(u, v) {
      const ears = Math.max(disc(u - earAt, v, 0.0105), disc(u + earAt, v, 0.0105));
      const bolts = Math.max(disc(u - earAt, v, 0.0045), disc(u + earAt, v, 0.0045));
      const fromBore = -disc(u, v, bore);
      const inside = Math.min(smoothUnion(disc(u, v, outer), ears, 0.012), -bolts, fromBore);
      if (inside <= 0) return 0;
      const bead = 0.0016 * roundedEdge(0.0022 - Math.abs(fromBore - 0.0075), 0.0022);
      const rough = 0.00005 * skin(u / 0.0013, v / 0.0013);
      return thickness - 0.0018 + 0.0018 * roundedEdge(inside, 0.0018) + bead + rough;
    },
    paint(out, u, v) {
      out.set(rubber);
      dim(out, 1 + 0.07 * skin(u / 0.012, v / 0.012) - 0.25 * specks(u / 0.0025, v / 0.0025));
    },
  };
}
