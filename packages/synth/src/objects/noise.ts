import type { Rng } from '@anomclip/core/random';

/** A smooth random function of the plane. Feature size is one unit: divide metres by the size you want. */
export type Noise = (x: number, y: number) => number;

/** Gradients of equal length √2, so that the noise spans [−1, 1]. */
const gradientX = [1, -1, 1, -1, Math.SQRT2, -Math.SQRT2, 0, 0];
const gradientY = [1, 1, -1, -1, 0, 0, Math.SQRT2, -Math.SQRT2];

/**
 * Gradient noise (Perlin 2002): 0 at every integer point, values in [−1, 1], twice differentiable.
 * It repeats every 256 units and uses arithmetic only, so it has the same bits on every platform.
 */
export function createNoise(rng: Rng): Noise {
  const permutation = doubledPermutation(rng);
  return (x, y) => {
    const cellX = Math.floor(x);
    const cellY = Math.floor(y);
    const u = x - cellX;
    const v = y - cellY;
    const column = cellX & 255;
    const left = permutation[column];
    const right = permutation[column + 1];
    const row = cellY & 255;
    const a = permutation[left + row] & 7;
    const b = permutation[right + row] & 7;
    const c = permutation[left + row + 1] & 7;
    const d = permutation[right + row + 1] & 7;
    const fadeU = u * u * u * (u * (6 * u - 15) + 10);
    const fadeV = v * v * v * (v * (6 * v - 15) + 10);
    const near = gradientX[a] * u + gradientY[a] * v;
    const far = gradientX[c] * u + gradientY[c] * (v - 1);
    const top = near + fadeU * (gradientX[b] * (u - 1) + gradientY[b] * v - near);
    const bottom = far + fadeU * (gradientX[d] * (u - 1) + gradientY[d] * (v - 1) - far);
    return top + fadeV * (bottom - top);
  };
}

/** Octaves of `noise` of halving size and halving amplitude, scaled back to [−1, 1]. */
export function fractal(noise: Noise, octaves: number): Noise {
  return (x, y) => {
    let sum = 0;
    let amplitude = 1;
    let frequency = 1;
    let total = 0;
    for (let octave = 0; octave < octaves; octave++) {
      // The offset keeps the zeros of the octaves' lattices apart.
      sum += amplitude * noise(x * frequency + 17.3 * octave, y * frequency + 31.7 * octave);
      total += amplitude;
      amplitude /= 2;
      frequency *= 2;
    }
    return sum / total;
  };
}

/**
 * Round spots, at most one per unit cell and never touching: 1 at a spot's centre, falling to 0 at its rim.
 *
 * @param share - How many of the cells hold a spot, in [0, 1].
 */
export function createSpots(rng: Rng, share: number): Noise {
  const permutation = doubledPermutation(rng);
  return (x, y) => {
    const cellX = Math.floor(x);
    const cellY = Math.floor(y);
    const hash = permutation[permutation[cellX & 255] + (cellY & 255)];
    if (hash >= 256 * share) return 0;
    const first = permutation[hash + 64] / 256;
    const second = permutation[hash + 128] / 256;
    const radius = 0.18 + 0.14 * (permutation[hash + 192] / 256);
    const dx = x - cellX - (radius + (1 - 2 * radius) * first);
    const dy = y - cellY - (radius + (1 - 2 * radius) * second);
    return Math.max(0, 1 - Math.sqrt(dx * dx + dy * dy) / radius);
  };
}

/** A permutation of 0…255, twice in a row, so that sums of two entries need no modulo. */
function doubledPermutation(rng: Rng): Uint8Array {
  const permutation = rng.permutation(256);
  const doubled = new Uint8Array(512);
  doubled.set(permutation);
  doubled.set(permutation, 256);
  return doubled;
}
