import type { Rng } from '@anomclip/core/random';
import { blend, type Colour, dim } from '../colours.js';
import type { ObjectModel } from '../object-model.js';
import { smoothstep } from '../planar.js';
import { createBrushedMetal, createWoodGrain } from '../textures.js';
import { cosineWave } from '../wave.js';

const light: Colour = [0.72, 0.42, 0.2];
const dark: Colour = [0.46, 0.22, 0.09];
const brass: Colour = [0.8, 0.66, 0.34];

/** Where the ferrule begins, and half the length of the handle, metres. */
const ferruleAt = 0.041;
const halfLength = 0.055;

/** A turned wooden handle that swells towards its end, with two grooves and a brass ferrule. */
export function toolHandle(rng: Rng): ObjectModel {
  const girth = 0.0155 * rng.uniform(0.98, 1.02);
  const grain = createWoodGrain(rng.fork('grain'), 0.0028);
  const brushed = createBrushedMetal(rng.fork('ferrule'));

  const radiusAt = (u: number): number => {
    if (Math.abs(u) >= halfLength) return 0;
    if (u > ferruleAt) return 0.78 * girth;
    const body = girth * (0.86 + 0.14 * cosineWave((u + 0.03) / 0.075));
    const intoButt = Math.max(0, (-u - 0.043) / (halfLength - 0.043));
    const butt = Math.sqrt(Math.max(0, 1 - intoButt * intoButt));
    const groove =
      0.0011 *
      (smoothstep(0.0016, 0.0006, Math.abs(u - 0.03)) + smoothstep(0.0016, 0.0006, Math.abs(u - 0.0255)));
    return body * butt - groove;
  };
  return {
    reach: 0.058,
    top: 0.033,
    turn: 0.35,
    gloss: 0.35,
    flesh: [0.88, 0.7, 0.46],
    height(u, v) {
      const radius = radiusAt(u);
      if (Math.abs(v) >= radius) return 0;
      return girth + Math.sqrt(radius * radius - v * v);
    },
    paint(out, u, v) {
      if (u > ferruleAt) {
        out.set(brass);
        dim(out, brushed(v, u));
      } else {
        blend(out, light, dark, grain(u, v));
      }
    },
  };
}
