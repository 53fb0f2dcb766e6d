import { ArgumentError, ShapeError } from '@anomclip/core';
import { CLIP_MEAN, CLIP_STD, createMask, type Image, type Mask } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import { copyPixels, maskOf, type SyntheticImage, toImage } from './synthetic-image.js';

export interface NoisePatchOptions {
  /** Fewest patches. @defaultValue 1 */
  minPatches?: number;
  /** Most patches. @defaultValue 4 */
  maxPatches?: number;
  /** Whether height and width of a patch are the same. @defaultValue true */
  square?: boolean;
  /**
   * What fills the patches: `gaussian` a standard normal in CLIP's normalised input, clipped; `uniform` whole numbers
   * 0…254. @defaultValue 'gaussian'
   */
  noise?: 'gaussian' | 'uniform';
  /** [H, W], 1 where the centre of a patch may lie, e.g. of `brightnessForeground`; everywhere without it. */
  foreground?: Mask;
  /** Centres that are tried for every patch. @defaultValue 200 */
  maxTries?: number;
}

/**
 * One to four squares or rectangles of noise: the synthetic anomalies of CLIP-FSAC++ on MVTec AD. Half sides are drawn
 * from [h/40, h/10) of the image's height h.
 *
 * `noisePatchSettings` has the paper's and the code's options. When no centre falls on the foreground, the patches are
 * placed anywhere, so the mask is never empty (Departs from the reference code, which then labels a normal image anomalous).
 *
 * @param image - [H, W, 3], at least 3 pixels along both sides.
 * @throws {@link ShapeError} for a smaller image or a foreground of another size, {@link ArgumentError} for an option out
 *   of range.
 */
export function noisePatches(image: Image, rng: Rng, options: NoisePatchOptions = {}): SyntheticImage {
  const { minPatches = 1, maxPatches = 4, square = true, noise = 'gaussian', maxTries = 200 } = options;
  const pixels = copyPixels('noisePatches', image);
  const { data, height, width } = pixels;
  if (height < 3 || width < 3) throw new ShapeError('noisePatches', 'an image of 3 × 3 or more', image.shape);
  assertOptions(minPatches, maxPatches, noise, maxTries);
  const foreground =
    options.foreground && maskOf('noisePatches foreground', options.foreground, height, width);

  const count = rng.integer(minPatches, maxPatches + 1);
  const mask = createMask(height, width);
  const sides = { height, width, square };
  let placed = 0;
  for (let patch = 0; patch < count; patch++) {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      if (!tryPatch(mask.data, sides, rng, foreground)) continue;
      placed++;
      break;
    }
  }
  if (placed === 0) for (let patch = 0; patch < count; patch++) tryPatch(mask.data, sides, rng);

  const draw = noise === 'gaussian' ? gaussianValue(rng.fork('noise')) : uniformValue(rng.fork('noise'));
  for (let i = 0; i < data.length; i++) {
    if (mask.data[Math.floor(i / 3)] === 1) data[i] = draw(i % 3);
  }
  return { image: toImage(pixels), mask, ok: true };
}

/** Draws a patch and sets it in the mask if its centre lies on the foreground. */
function tryPatch(
  mask: Uint8Array,
  { height, width, square }: { height: number; width: number; square: boolean },
  rng: Rng,
  foreground?: Uint8Array,
): boolean {
  const low = Math.max(1, Math.floor(height / 40));
  const high = Math.max(low + 1, Math.floor(height / 10));
  const drawnHeight = rng.integer(low, high);
  const drawnWidth = square ? drawnHeight : rng.integer(low, high);
  // An image much narrower than high has no room for the half sides that its height gives.
  const halfHeight = Math.min(drawnHeight, (height - 1) >> 1);
  const halfWidth = Math.min(drawnWidth, (width - 1) >> 1);
  const row = rng.integer(halfHeight, height - halfHeight);
  const column = rng.integer(halfWidth, width - halfWidth);
  if (foreground?.[row * width + column] === 0) return false;
  for (let i = row - halfHeight; i < row + halfHeight; i++) {
    mask.fill(1, i * width + column - halfWidth, i * width + column + halfWidth);
  }
  return true;
}

function gaussianValue(rng: Rng): (channel: number) => number {
  return (channel) => {
    const value = CLIP_MEAN[channel] + CLIP_STD[channel] * rng.normal();
    return Math.round(255 * Math.min(Math.max(value, 0), 1));
  };
}

function uniformValue(rng: Rng): () => number {
  return () => rng.integer(0, 255);
}

/**
 * Whether CLIP-FSAC++ puts patches of a class on the foreground only (`brightnessForeground`), and the kind of patches.
 *
 * @param preset - `paper`: Gaussian squares; `reference-code`: uniform rectangles.
 * @param className - Of MVTec AD, VisA or MPDD; patches of unknown classes lie anywhere.
 */
export function noisePatchSettings(
  preset: 'paper' | 'reference-code',
  className: string,
): { onForeground: boolean; options: NoisePatchOptions } {
  if (preset !== 'paper' && preset !== 'reference-code') {
    throw new ArgumentError('noisePatchSettings', "preset 'paper' or 'reference-code'", preset);
  }
  const onForeground = classesOnForeground.has(className);
  const options =
    preset === 'paper' ? { noise: 'gaussian', square: true } : { noise: 'uniform', square: false };
  return { onForeground, options: options as NoisePatchOptions };
}

const classesOnForeground: ReadonlySet<string> = new Set([
  ...['bottle', 'capsule', 'hazelnut', 'metal_nut', 'pill', 'toothbrush', 'zipper'],
  ...['candle', 'capsules', 'cashew', 'chewinggum', 'fryum', 'macaroni1', 'macaroni2', 'pipe_fryum'],
]);

function assertOptions(minPatches: number, maxPatches: number, noise: string, maxTries: number): void {
  if (
    !(
      Number.isInteger(minPatches) &&
      Number.isInteger(maxPatches) &&
      1 <= minPatches &&
      minPatches <= maxPatches
    )
  ) {
    throw new ArgumentError(
      'noisePatches',
      'whole numbers 1 ≤ minPatches ≤ maxPatches',
      `${minPatches}, ${maxPatches}`,
    );
  }
  if (noise !== 'gaussian' && noise !== 'uniform') {
    throw new ArgumentError('noisePatches', "noise 'gaussian' or 'uniform'", noise);
  }
  if (!Number.isSafeInteger(maxTries) || maxTries < 1) {
    throw new ArgumentError('noisePatches', 'maxTries, a whole number ≥ 1', maxTries);
  }
}
