import type { Rng } from '@anomclip/core/random';
import { createNoise, fractal, type Noise } from './noise.js';

/*
 * Materials as functions of the place in metres. Those that return a share blend two colours, those that return a
 * factor near 1 dim one.
 */

/** Growth rings cut along the trunk: dark lines along u, `spacing` metres apart. Share of the dark colour, 0 to 1. */
export function createWoodGrain(rng: Rng, spacing: number): Noise {
  const bend = fractal(createNoise(rng.fork('bend')), 2);
  const pores = createNoise(rng.fork('pores'));
  return (u, v) => {
    const ring = (v + 0.008 * bend(u / 0.07, v / 0.03)) / spacing;
    const phase = ring - Math.floor(ring);
    const late = phase * phase * (1 - phase) * 4.5; // slow rise to the dark late wood, steep fall
    return 0.75 * late + 0.3 * (0.5 + 0.5 * pores(u / 0.012, v / 0.0008));
  };
}

/** Fine scratches along u and faint clouds. Factor of the brightness. */
export function createBrushedMetal(rng: Rng): Noise {
  const scratches = createNoise(rng.fork('scratches'));
  const clouds = createNoise(rng.fork('clouds'));
  return (u, v) =>
    1 +
    0.07 * scratches(u / 0.02, v / 0.0005) +
    0.05 * scratches(u / 0.008 + 90, v / 0.0012) +
    0.05 * clouds(u / 0.02, v / 0.02);
}
