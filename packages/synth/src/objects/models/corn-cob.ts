import type { Rng } from '@anomclip/core/random';
import { blend, type Colour, dim } from '../colours.js';
import { createNoise } from '../noise.js';
import type { ObjectModel } from '../object-model.js';

const ripe: Colour = [0.95, 0.78, 0.25];
const orange: Colour = [0.9, 0.62, 0.14];

/** Length of a kernel along the cob, and width around it, metres. */
const kernelLength = 0.0062;
const kernelWidth = 0.0068;

/** A long tapered cob covered with kernels in straight rows. */
export function cornCob(rng: Rng): ObjectModel {
  const halfLength = 0.055 * rng.uniform(0.97, 1.03);
  const girth = 0.0185 * rng.uniform(0.96, 1.04);
  const bend = createNoise(rng.fork('bend'));
  const tone = createNoise(rng.fork('tone'));
  const rowShift = rng.uniform();

  const radiusAt = (u: number): number => {
    const x = u / halfLength;
    if (x <= -1 || x >= 1) return 0;
    const taper = girth * (1 - 0.16 * (x + 0.4) * (x + 0.4));
    const x4 = x * x * x * x;
    return taper * Math.sqrt(1 - x4 * x4);
  };
  /** Position in kernels: whole numbers are the grooves. */
  const alongRow = (u: number): number => u / kernelLength + 0.15 * bend(u / 0.02, 3.5);
  const acrossRows = (v: number, radius: number): number => {
    const t = Math.min(1, Math.abs(v) / radius);
    // Arc length over v, near enough to arcsine.
    const arc = t * (1 + t * t * (0.17 + 0.4 * t * t * t * t));
    return (Math.sign(v) * arc * girth) / kernelWidth + rowShift;
  };
  /** 1 on top of a kernel, 0 in the grooves. */
  const kernel = (u: number, v: number, radius: number): number => {
    const across = acrossRows(v, radius);
    const x = alongRow(u) + (Math.floor(across) & 1) / 2;
    const p = 2 * (x - Math.floor(x)) - 1;
    const q = 2 * (across - Math.floor(across)) - 1;
    return Math.sqrt(Math.max(0, 1 - p * p * p * p)) * Math.sqrt(Math.max(0, 1 - q * q * q * q));
  };

  return {
    reach: 0.058,
    top: 0.041,
    turn: 0.35,
    gloss: 0.3,
    flesh: [0.93, 0.9, 0.75],
    height(u, v) {
      const radius = radiusAt(u);
      if (Math.abs(v) >= radius) return 0;
      const round = Math.sqrt(radius * radius - v * v);
      return girth + round + 0.0016 * (kernel(u, v, radius) - 1) * Math.min(1, (2 * round) / girth);
    },
    paint(out, u, v) {
      const radius = Math.max(radiusAt(u), Math.abs(v) + 1e-6);
      const across = Math.floor(acrossRows(v, radius));
      const along = Math.floor(alongRow(u) + (across & 1) / 2);
      blend(out, ripe, orange, 0.5 + 1.1 * tone(along * 0.37 + 0.2, across * 0.61 + 0.3));
      dim(out, 0.55 + 0.45 * kernel(u, v, radius));
    },
  };
}
