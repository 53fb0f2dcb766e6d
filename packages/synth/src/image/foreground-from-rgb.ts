import { ArgumentError } from '@anomclip/core';
import type { Image, Mask } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { dilate, inverted, median } from './binary-filters.js';
import { copyPixels, type Pixels } from './synthetic-image.js';

/** A brightness (0…255) of the background, and how far the object is from it at least. */
export interface BackgroundBrightness {
  readonly brightness: number;
  readonly threshold: number;
}

/**
 * Everything but very bright and very dark surroundings: background is where the mean of the channels is above 220 or
 * below 30, after a 7 × 7 median, widened by 9 pixels.
 *
 * @param image - [H, W, 3].
 * @returns [H, W], 1 on the object.
 * @throws {@link ShapeError} for an empty image.
 */
export function brightnessForeground(image: Image): Mask {
  const pixels = copyPixels('brightnessForeground', image);
  const { height, width } = pixels;
  const extreme = greyMask(pixels, (sum) => sum > 3 * 220 || sum < 3 * 30);
  const background = dilate(median(extreme, height, width, 7), height, width, 19);
  return ndarray(inverted(background), [height, width]);
}

/**
 * Brighter or darker than a threshold of the class: the masks of the Perlin variant shipped with CLIP-FSAC++.
 *
 * @param image - [H, W, 3].
 * @param className - Of MVTec AD; a texture or an unknown class is all foreground.
 * @returns [H, W], 1 on the object.
 * @throws {@link ShapeError} for an empty image.
 */
export function thresholdForeground(image: Image, className: string): Mask {
  const { data, height, width } = copyPixels('thresholdForeground', image);
  const rule = Object.hasOwn(thresholds, className) ? thresholds[className] : undefined;
  const mask = new Uint8Array(height * width);
  for (let pixel = 0, i = 0; pixel < mask.length; pixel++, i += 3) {
    const grey = Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]);
    mask[pixel] = Number(rule === undefined || grey > rule.above === rule.bright);
  }
  return ndarray(mask, [height, width]);
}

/** Whether the object is the bright or the dark side of a grey level. */
const thresholds: Readonly<Record<string, { readonly above: number; readonly bright: boolean }>> = {
  hazelnut: { above: 50, bright: true },
  metal_nut: { above: 40, bright: true },
  cable: { above: 150, bright: true },
  pill: { above: 100, bright: true },
  toothbrush: { above: 30, bright: true },
  bottle: { above: 250, bright: false },
  screw: { above: 110, bright: false },
  zipper: { above: 100, bright: false },
  capsule: { above: 120, bright: false },
  transistor: { above: 90, bright: false },
};

/**
 * Where an image is far from every brightness of its background, after a 7 × 7 median: the object masks of NSA.
 *
 * @param image - [H, W, 3].
 * @param backgrounds - Of the class, see `nsaSettings`.
 * @returns [H, W], 1 on the object.
 * @throws {@link ShapeError} for an empty image, {@link ArgumentError} for a brightness or threshold that is not finite.
 */
export function contrastForeground(image: Image, backgrounds: readonly BackgroundBrightness[]): Mask {
  const pixels = copyPixels('contrastForeground', image);
  for (const { brightness, threshold } of backgrounds) {
    if (!Number.isFinite(brightness) || !Number.isFinite(threshold)) {
      throw new ArgumentError(
        'contrastForeground',
        'a finite brightness and threshold',
        `${brightness}, ${threshold}`,
      );
    }
  }
  return ndarray(contrastMask(pixels, backgrounds), [pixels.height, pixels.width]);
}

export function contrastMask(pixels: Pixels, backgrounds: readonly BackgroundBrightness[]): Uint8Array {
  const far = greyMask(pixels, (sum) =>
    backgrounds.every(({ brightness, threshold }) => Math.abs(sum - 3 * brightness) > 3 * threshold),
  );
  return median(far, pixels.height, pixels.width, 7);
}

/** 1 where a condition holds for the sum of the three channels: three times the grey value, in whole numbers. */
function greyMask({ data }: Pixels, condition: (sum: number) => boolean): Uint8Array {
  const table = Uint8Array.from({ length: 766 }, (_, sum) => Number(condition(sum)));
  const mask = new Uint8Array(data.length / 3);
  for (let pixel = 0, i = 0; pixel < mask.length; pixel++, i += 3) {
    mask[pixel] = table[data[i] + data[i + 1] + data[i + 2]];
  }
  return mask;
}
