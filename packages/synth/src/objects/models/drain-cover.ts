import type { Rng } from '@anomclip/core/random';
import { type Colour, dim } from '../colours.js';
import type { ObjectModel } from '../object-model.js';
import { box, disc, roundedEdge } from '../planar.js';
import { createBrushedMetal } from '../textures.js';

const steel: Colour = [0.66, 0.68, 0.7];

/** A round steel plate with a raised rim and rows of rounded slots. */
export function drainCover(rng: Rng): ObjectModel {
  const radius = 0.048 * rng.uniform(0.99, 1.01);
  const thickness = 0.0105 * rng.uniform(0.98, 1.02);
  const brushed = createBrushedMetal(rng.fork('brushed'));
  return {
    reach: 0.05,
    top: 0.014,
    turn: Math.PI,
    gloss: 0.5,
    flesh: [0.85, 0.86, 0.88],
    height(u, v) {
      const rim = disc(u, v, radius);
      const inside = Math.min(rim, -slots(u, v));
      if (inside <= 0) return 0;
      const ridge = 0.0022 * roundedEdge(Math.min(rim, 0.008 - rim), 0.002);
      return thickness - 0.001 + 0.001 * roundedEdge(inside, 0.001) + ridge;
    },
    paint(out, u, v) {
      out.set(steel);
      dim(out, brushed(u, v));
    },
  };
}

/** Seven slots in three rows: inside distance of their union. */
function slots(u: number, v: number): number {
  const row = Math.max(-1, Math.min(1, Math.round(v / 0.02)));
  const y = v - row * 0.02;
  const offset = row === 0 ? 0 : 0.0095;
  const columns = row === 0 ? 1 : 0;
  const k = Math.round((u - offset) / 0.019);
  const column = row === 0 ? Math.max(-columns, Math.min(columns, k)) : Math.max(-1, Math.min(0, k));
  return box(u - offset - column * 0.019, y, 0.0042, 0.0075, 0.0042);
}
