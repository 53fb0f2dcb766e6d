import { ArgumentError } from '@anomclip/core';
import { contiguous, createMask, type Mask } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import ndarray, { type NdArray } from 'ndarray';
import { drawPerlinNoise } from './perlin-noise.js';
import { rotate } from './rotate.js';
import { maskOf } from './synthetic-image.js';

export interface NoiseMaskOptions {
  /** Bounds [low, high) of the exponents: 2^e cells along each axis, drawn independently. @defaultValue [0, 6] */
  exponents?: readonly [low: number, high: number];
  /** The noise is turned by up to this many degrees to either side. @defaultValue 90 */
  rotation?: number;
  /**
   * The mask is where the noise exceeds this; `'3dsr'` draws it from [0.4, 0.8) and compares the absolute noise, as 3DSR
   * does for depth. The shipped variant of CLIP-FSAC++ uses 0.9, which hardly ever leaves anything. @defaultValue 0.5
   */
  threshold?: number | '3dsr';
  /** [H, W], 1 where anomalies may be; everywhere without it. */
  foreground?: Mask;
  /**
   * Turns the finished mask round, foreground included: everything that is not a blob is anomalous. What CLIP3D-AD's prose
   * says, read literally. @defaultValue false
   */
  reverse?: boolean;
  /** How often noise that leaves nothing is drawn again, ≥ 0; 0 may return an empty mask. @defaultValue 100 */
  redraws?: number;
}

export interface NoiseMask {
  /** [H, W], 1 where the noise exceeds the threshold on the foreground; the opposite with `reverse`. */
  readonly mask: Mask;
  /** [H, W], the rotated noise in about [−1, 1]: what EasyNet writes into the depth inside the mask. */
  readonly noise: NdArray<Float64Array>;
  /** Whether there is a blob on the foreground: false for an empty one, or when every redraw failed. */
  readonly ok: boolean;
}

/**
 * Blobs of thresholded Perlin noise: the anomaly masks of DRAEM (Zavrtanik et al. 2021), EasyNet and CLIP3D-AD.
 *
 * @throws {@link ShapeError} for a foreground of another size, {@link ArgumentError} for a size that is not a whole number
 *   ≥ 1 or an option out of range.
 */
export function noiseMask(
  height: number,
  width: number,
  rng: Rng,
  options: NoiseMaskOptions = {},
): NoiseMask {
  const {
    exponents = [0, 6],
    rotation = 90,
    threshold = 0.5,
    foreground,
    reverse = false,
    redraws = 100,
  } = options;
  assertOptions(exponents, rotation, threshold, redraws);
  const allowed = foreground && maskOf('noiseMask foreground', foreground, height, width);
  const nowhere = allowed !== undefined && !allowed.includes(1);
  for (let attempt = 0; ; attempt++) {
    const rows = 2 ** rng.integer(...exponents);
    const columns = 2 ** rng.integer(...exponents);
    const noise = drawPerlinNoise(height, width, rows, columns, rng);
    const data = rotate(
      { data: contiguous(noise), height, width, channels: 1 },
      rotation === 0 ? 0 : rng.uniform(-rotation, rotation),
    );
    const limit = threshold === '3dsr' ? 0.4 + 0.4 * rng.uniform() : threshold;
    const mask = createMask(height, width);
    let ok = false;
    for (let pixel = 0; pixel < data.length; pixel++) {
      const value = threshold === '3dsr' ? Math.abs(data[pixel]) : data[pixel];
      if (!(value > limit) || allowed?.[pixel] === 0) continue;
      mask.data[pixel] = 1;
      ok = true;
    }
    if (reverse) for (let pixel = 0; pixel < data.length; pixel++) mask.data[pixel] ^= 1;
    if (ok || nowhere || attempt >= redraws) return { mask, noise: ndarray(data, [height, width]), ok };
  }
}

function assertOptions(
  [low, high]: readonly [number, number],
  rotation: number,
  threshold: number | '3dsr',
  redraws: number,
): void {
  if (!(Number.isInteger(low) && Number.isInteger(high) && low >= 0 && high > low && high <= 11)) {
    throw new ArgumentError('noiseMask', 'exponents low < high, whole numbers in 0…11', `[${low}, ${high}]`);
  }
  if (!(rotation >= 0 && rotation <= 180)) {
    throw new ArgumentError('noiseMask', 'rotation in [0, 180] degrees', rotation);
  }
  if (threshold !== '3dsr' && !Number.isFinite(threshold)) {
    throw new ArgumentError('noiseMask', "a finite threshold or '3dsr'", threshold);
  }
  if (!Number.isSafeInteger(redraws) || redraws < 0) {
    throw new ArgumentError('noiseMask', 'redraws, a whole number ≥ 0', redraws);
  }
}
