import { contiguous, type Image, type Mask, resizeImage } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import { overlayTexture } from '@anomclip/synth/image';
import type { Clip3dConfig } from './config.js';

/** x− of a pair, made from a normal image x+. */
export interface SimulatedAnomaly {
  /** [S, S, 3]; as x+ outside the mask. */
  readonly image: Image;
  /** [S, S], 1 where anomalous. */
  readonly mask: Mask;
  /** [size, size], the mask at the model's size, by the nearest pixel. */
  readonly target: Mask;
}

export interface SimulationOptions
  extends Pick<Clip3dConfig, 'reverseMask' | 'minAnomalyPixels' | 'textureSource'> {
  /** Side of the model's input. */
  readonly imageSize: number;
  /** Texture images, any size. */
  readonly textures?: readonly Image[];
}

/** Redraws of a mask that is too small. */
const redraws = 50;

/**
 * An anomaly on a normal image (section 3): a texture blended into blobs of Perlin noise on the object. Too small ones are
 * drawn again; after 50 redraws the largest is taken.
 *
 * @param image - x+, [S, S, 3].
 * @param foreground - [S, S], 1 on the object.
 */
export function simulateAnomaly(
  image: Image,
  foreground: Mask,
  rng: Rng,
  { reverseMask, minAnomalyPixels, textureSource, imageSize, textures = [] }: SimulationOptions,
): SimulatedAnomaly {
  const source = textureSource === 'given' ? undefined : textureSource;
  let best: { anomaly: SimulatedAnomaly; pixels: number } | undefined;
  for (let attempt = 0; attempt <= redraws; attempt++) {
    const drawn = overlayTexture(image, rng.fork('anomaly', attempt), {
      foreground,
      reverse: reverseMask,
      redraws: 0,
      textures,
      ...(source && { textureSource: source }),
    });
    const target = resizeImage(drawn.mask, imageSize, imageSize, { filter: 'nearest' });
    const pixels = anomalousPixels(target);
    if (!best || pixels > best.pixels)
      best = { anomaly: { image: drawn.image, mask: drawn.mask, target }, pixels };
    if (pixels >= minAnomalyPixels) break;
  }
  // The first attempt is always kept.
  return (best as { anomaly: SimulatedAnomaly }).anomaly;
}

/** How many pixels of a mask are anomalous. */
export function anomalousPixels(mask: Mask): number {
  return contiguous(mask).reduce((sum, value) => sum + value, 0);
}
