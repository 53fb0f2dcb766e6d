import type { Rng } from '@anomclip/core/random';
import { type Colour, dim } from '../colours.js';
import type { ObjectModel } from '../object-model.js';
import { box, roundedEdge } from '../planar.js';
import { createBrushedMetal } from '../textures.js';

const aluminium: Colour = [0.72, 0.74, 0.76];

/** Distance of the fins and half their thickness, metres. */
const finPitch = 0.0105;
const finHalf = 0.0034;

/** An aluminium base with seven straight fins. */
export function heatSink(rng: Rng): ObjectModel {
  const halfLength = 0.036 * rng.uniform(0.99, 1.01);
  const halfWidth = 3 * finPitch + finHalf + 0.0015;
  const base = 0.0085;
  const finTop = 0.0165 * rng.uniform(0.97, 1.03);
  const brushed = createBrushedMetal(rng.fork('brushed'));
  return {
    reach: 0.052,
    top: 0.0175,
    turn: 0.35,
    gloss: 0.4,
    flesh: [0.9, 0.91, 0.92],
    height(u, v) {
      const inside = box(u, v, halfLength, halfWidth, 0.002);
      if (inside <= 0) return 0;
      const fromFin = finHalf - Math.abs(v - Math.round(v / finPitch) * finPitch);
      const fin = Math.min(fromFin, halfLength - 0.0015 - Math.abs(u));
      if (fin <= 0) return base - 0.0008 + 0.0008 * roundedEdge(inside, 0.0008);
      // Sides lean inwards a little, as extruded fins do.
      return base + (finTop - base) * (0.75 * Math.min(1, fin / 0.0008) + 0.25 * roundedEdge(fin, finHalf));
    },
    paint(out, u, v) {
      out.set(aluminium);
      dim(out, brushed(u, v));
    },
  };
}
