import type { Rng } from '@anomclip/core/random';
import { createNoise, createSpots, fractal } from './noise.js';
import type { Relief } from './relief.js';
import type { Station } from './station.js';

/**
 * The relief as one part of a production has it: brighter or darker, of a slightly other hue, with faint smudges and
 * specks that are no defect. Heights stay as they are; `relief` is left alone.
 */
export function wearPart(relief: Relief, rng: Rng, { tone, wear }: Pick<Station, 'tone' | 'wear'>): Relief {
  if (tone === 0 && wear === 0) return relief;
  const { size, pitch, heights } = relief;
  const brightness = 1 + rng.uniform(-tone, tone);
  const tint = [0, 1, 2].map(() => brightness * (1 + rng.uniform(-tone / 3, tone / 3)));
  const smudges = fractal(createNoise(rng.fork('smudges')), 3);
  const specks = createSpots(rng.fork('specks'), 0.06);
  const colours = new Float32Array(relief.colours.length);
  for (let node = 0; node < heights.length; node++) {
    const x = (node % size) * pitch;
    const y = Math.floor(node / size) * pitch;
    const mark = smudges(x / 0.014, y / 0.014) - 2.5 * specks(x / 0.005, y / 0.005);
    for (let c = 0; c < 3; c++) {
      const colour = relief.colours[3 * node + c] * tint[c] * (1 + wear * mark);
      colours[3 * node + c] = Math.min(1, colour);
    }
  }
  return { ...relief, colours };
}
