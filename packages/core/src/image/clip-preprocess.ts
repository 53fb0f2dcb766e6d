import ndarray, { type NdArray } from 'ndarray';
import { ArgumentError, ShapeError } from '../errors.js';
import { contiguous } from './contiguous.js';
import { resizeImage } from './resize.js';
import type { Image } from './types.js';

/** Red, green, blue. */
export type ChannelValues = readonly [number, number, number];

/** Mean of CLIP's training images, channels in [0, 1]. */
export const CLIP_MEAN: ChannelValues = [0.48145466, 0.4578275, 0.40821073];

/** Standard deviation of CLIP's training images, channels in [0, 1]. */
export const CLIP_STD: ChannelValues = [0.26862954, 0.26130258, 0.27577711];

export interface ClipPreprocessOptions {
  /** Side of the square the model takes, e.g. 224, 240 or 336. */
  size: number;
  /**
   * `shortest` scales the shorter side to `size` and crops the centre, as OpenAI's and OpenCLIP's default transforms do;
   * `squash` forces both sides. @defaultValue 'shortest'
   */
  resize?: 'shortest' | 'squash';
  /** Subtracted per channel. @defaultValue {@link CLIP_MEAN} */
  mean?: ChannelValues;
  /** Divided by per channel, ≠ 0. @defaultValue {@link CLIP_STD} */
  std?: ChannelValues;
}

/**
 * An image as CLIP's image tower wants it: bicubic resize as Pillow's, centre crop, scaled to [0, 1], normalised; the
 * float32 numbers torchvision gives.
 *
 * @param image - [H, W, 3]; strided views are fine.
 * @returns A new array, [size, size, 3].
 * @throws {@link ShapeError} unless the image is [H, W, 3] with a pixel, {@link ArgumentError} for bad options.
 */
export function clipPreprocess(image: Image, options: ClipPreprocessOptions): NdArray<Float32Array> {
  const { size, resize = 'shortest', mean = CLIP_MEAN, std = CLIP_STD } = options;
  if (image.shape.length !== 3 || image.shape[2] !== 3 || image.size === 0) {
    throw new ShapeError('clipPreprocess', '[H, W, 3] with at least one pixel', image.shape);
  }
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new ArgumentError('clipPreprocess', 'size, a whole number ≥ 1', size);
  }
  if (resize !== 'shortest' && resize !== 'squash') {
    throw new ArgumentError('clipPreprocess', "resize 'shortest' or 'squash'", resize);
  }
  const square = resize === 'squash' ? resizeImage(image, size, size) : centreSquare(image, size);
  return normalise(square, size, mean, std);
}

function centreSquare(image: Image, size: number): Image {
  const [height, width] = image.shape;
  const shorter = Math.min(height, width);
  const scaled = (side: number): number => (side === shorter ? size : Math.trunc((size * side) / shorter));
  const resized = resizeImage(image, scaled(height), scaled(width));
  const top = roundHalfToEven((scaled(height) - size) / 2);
  const left = roundHalfToEven((scaled(width) - size) / 2);
  return resized.lo(top, left, 0).hi(size, size, 3);
}

function normalise(
  image: Image,
  size: number,
  mean: ChannelValues,
  std: ChannelValues,
): NdArray<Float32Array> {
  // 256 values per channel, each rounded to float32 after every step as torch does.
  const { fround } = Math;
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    for (let value = 0; value < 256; value++) {
      const centred = fround(fround(value / 255) - fround(mean[channel]));
      table[channel * 256 + value] = centred / fround(std[channel]);
    }
  }
  const pixels = contiguous(image);
  const result = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    result[i] = table[pixels[i]];
    result[i + 1] = table[256 + pixels[i + 1]];
    result[i + 2] = table[512 + pixels[i + 2]];
  }
  return ndarray(result, [size, size, 3]);
}

/** Python's `round`, which torchvision's centre crop uses. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}
