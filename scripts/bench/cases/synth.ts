import { createImage, createMask, type Image } from '@anomclip/core/image';
import { createRng, type Rng } from '@anomclip/core/random';
import { drawPerlinNoise, overlayTexture, poissonBlend } from '@anomclip/synth/image';
import { compare, median, withFiles } from '../compare.js';
import { Peer } from '../peer.js';

/** What every training image costs: blending patches, and a texture over Perlin noise. */
export async function benchSynth(rounds: number): Promise<boolean> {
  const small = await benchPoisson(64, 256, 100, rounds);
  const large = await benchPoisson(400, 1000, 2, rounds);
  return benchOverlay(rounds) && small && large;
}

/** Poisson blending of a square patch into the middle of a square image. */
function benchPoisson(patch: number, side: number, repetitions: number, rounds: number): Promise<boolean> {
  const rng = createRng('bench/poisson');
  const [destination, source] = [photograph(side, rng), photograph(patch, rng)];
  const mask = createMask(patch, patch);
  mask.data.fill(1);
  const at = (side - patch) >> 1;
  const args = [String(side), String(patch), String(repetitions)];
  return withFiles({ destination: destination.data, source: source.data }, async (path) =>
    compare(
      {
        name: `${repetitions} × Poisson blending of ${patch} × ${patch} into ${side} × ${side}`,
        ours: () => {
          for (let i = 0; i < repetitions; i++)
            poissonBlend(destination, source, mask, { row: at, column: at });
        },
        peer: await Peer.start('poisson.py', [path('destination'), path('source'), ...args]),
        install: 'apt-get install python3-opencv',
        atMost: 1,
      },
      rounds,
    ),
  );
}

/** A texture overlay of 240 × 240: at most 5 ms at the median of many draws. */
function benchOverlay(rounds: number): boolean {
  const root = createRng('bench/overlay');
  const image = photograph(240, root.fork('image'));
  const textures = [photograph(240, root.fork('texture'))];
  let met = true;
  for (const textureSource of ['folder', 'structural', 'procedural'] as const) {
    const elapsed: number[] = [];
    const busy: number[] = [];
    for (let i = 0; i < 40 + 40 * rounds; i++) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      overlayTexture(image, root.fork(i), { textures, textureSource });
      const { user, system } = process.cpuUsage(before);
      if (i < 40) continue; // until then it is being compiled
      elapsed.push(performance.now() - start);
      busy.push((user + system) / 1000);
    }
    const figures = `${median(elapsed).toFixed(2)} ms, ${median(busy).toFixed(2)} ms of them at work`;
    const isMet = median(elapsed) <= 5;
    const verdict = textureSource === 'procedural' ? '' : ` (at most 5: ${isMet ? 'met' : 'MISSED'})`;
    console.log(`Perlin overlay of 240 × 240, ${textureSource}: ${figures}${verdict}`);
    met = met && (isMet || textureSource === 'procedural');
  }
  return met;
}

/** Smooth colours with fine grain. */
function photograph(side: number, rng: Rng): Image {
  const image = createImage(side, side);
  for (let channel = 0; channel < 3; channel++) {
    const noise = drawPerlinNoise(side, side, 5, 5, rng).data;
    for (let i = 0; i < noise.length; i++) {
      image.data[3 * i + channel] = Math.min(Math.max(128 + 90 * noise[i] + rng.normal(0, 4), 0), 255);
    }
  }
  return image;
}
