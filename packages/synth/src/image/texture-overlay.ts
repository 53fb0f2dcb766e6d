import { ArgumentError } from '@anomclip/core';
import { createMask, type Image, type Mask } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import type { NdArray } from 'ndarray';
import { augmentTexture } from './augment-texture.js';
import { type BrightnessSpace, lumaSpaces } from './colour-spaces.js';
import { type NoiseMaskOptions, noiseMask } from './noise-mask.js';
import { rotate } from './rotate.js';
import {
  copyPixels,
  maskOf,
  type Pixels,
  type SyntheticImage,
  toImage,
  unchanged,
} from './synthetic-image.js';
import { drawTexture, resizedTexture, shuffleCells } from './texture-source.js';

export type TextureSource = 'folder' | 'structural' | 'procedural' | 'auto';

export interface TextureOverlayOptions extends NoiseMaskOptions {
  /** Texture images of any size, e.g. the files of a folder of describable textures. One is drawn per call. */
  textures?: readonly Image[];
  /**
   * Where the texture comes from: `folder` one of `textures`; `structural` the image itself, its 64 cells shuffled;
   * `procedural` clouds, stripes or a checkerboard; `auto` the first if there are textures, else one of the other two.
   * @defaultValue `folder` with textures, `structural` without
   */
  textureSource?: TextureSource;
  /** Other normal images of the class that the structural source draws from beside the image. @defaultValue none */
  otherNormal?: readonly Image[];
  /** Weight of the texture: DRAEM's 1 − 0.8·uniform, or CLIP-FSAC++'s uniform(0.15, 1). @defaultValue 'draem' */
  blend?: 'draem' | 'fsac';
  /** Probability that the normal image itself is turned by up to 90 degrees first; DRAEM 0.3. @defaultValue 0 */
  rotateNormalProbability?: number;
  /** Probability of returning the image as it is, with an empty mask; DRAEM 0.5. @defaultValue 0 */
  noAnomalyProbability?: number;
  /** Colour spaces that brightness may be changed in; one is drawn. @defaultValue ['ycbcr'] */
  brightnessSpaces?: readonly BrightnessSpace[];
}

export interface TextureOverlay extends SyntheticImage {
  /** [H, W], the noise of the mask; undefined when no anomaly was drawn. */
  readonly noise?: NdArray<Float64Array>;
}

/**
 * Blends a texture into blobs of Perlin noise, as DRAEM, EasyNet and CLIP3D-AD do:
 * I' = (1 − m) I + m ((1 − b) A + b I).
 *
 * @param image - [H, W, 3].
 * @returns `ok` is false, with the unchanged image, when the foreground is empty, all redraws of the mask failed, or
 *   `noAnomalyProbability` decided so. With `rotateNormalProbability`, the mask refers to the turned image.
 * @throws {@link ShapeError} for an empty image or texture or a foreground of another size, {@link ArgumentError} for an
 *   option out of range, or the source `folder` without textures.
 */
export function overlayTexture(image: Image, rng: Rng, options: TextureOverlayOptions = {}): TextureOverlay {
  const { textures = [], otherNormal = [], blend = 'draem', brightnessSpaces = ['ycbcr'] } = options;
  const { textureSource = textures.length > 0 ? 'folder' : 'structural' } = options;
  const { rotateNormalProbability = 0, noAnomalyProbability = 0 } = options;
  assertOptions(textureSource, textures, blend, brightnessSpaces);
  const pixels = copyPixels('overlayTexture', image);
  const { height, width, data } = pixels;

  let foreground =
    options.foreground && maskOf('overlayTexture foreground', options.foreground, height, width);
  if (rotateNormalProbability > 0 && rng.boolean(rotateNormalProbability)) {
    const degrees = rng.uniform(-90, 90);
    data.set(rotate({ data, height, width, channels: 3 }, degrees));
    foreground &&= rotate({ data: foreground, height, width, channels: 1 }, degrees);
  }
  if (noAnomalyProbability > 0 && rng.boolean(noAnomalyProbability)) return unchanged(pixels);

  const texture = drawSource(pixels, rng, { textureSource, textures, otherNormal, brightnessSpaces });
  const { mask, noise, ok } = noiseMask(height, width, rng, {
    ...options,
    foreground: foreground && asMask(foreground, height, width),
  });
  const sourceWeight = blend === 'draem' ? 1 - 0.8 * rng.uniform() : rng.uniform(0.15, 1);
  for (let pixel = 0; pixel < mask.data.length; pixel++) {
    if (mask.data[pixel] === 0) continue;
    for (let i = 3 * pixel; i < 3 * pixel + 3; i++) {
      data[i] = Math.round(data[i] + sourceWeight * (texture.data[i] - data[i]));
    }
  }
  return { image: toImage(pixels), mask, ok, noise };
}

function asMask(data: Uint8Array, height: number, width: number): Mask {
  const mask = createMask(height, width);
  mask.data.set(data);
  return mask;
}

type SourceOptions = Required<
  Pick<TextureOverlayOptions, 'textureSource' | 'textures' | 'otherNormal' | 'brightnessSpaces'>
>;

/** An augmented texture of the image's size. */
function drawSource(
  pixels: Pixels,
  rng: Rng,
  { textureSource, textures, otherNormal, brightnessSpaces }: SourceOptions,
): Pixels {
  const { height, width } = pixels;
  let source = textureSource;
  if (source === 'auto') {
    source = textures.length > 0 ? 'folder' : rng.boolean() ? 'structural' : 'procedural';
  }
  if (source === 'folder') {
    const texture = resizedTexture(textures[rng.integer(0, textures.length)], height, width);
    return augmentTexture(texture, rng, brightnessSpaces);
  }
  if (source === 'procedural') return augmentTexture(drawTexture(height, width, rng), rng, brightnessSpaces);
  const index = otherNormal.length > 0 ? rng.integer(0, otherNormal.length + 1) : 0;
  const normal = index === 0 ? pixels : resizedTexture(otherNormal[index - 1], height, width);
  return shuffleCells(augmentTexture(normal, rng, brightnessSpaces), rng);
}

function assertOptions(
  source: TextureSource,
  textures: readonly Image[],
  blend: string,
  spaces: readonly BrightnessSpace[],
): void {
  if (!['folder', 'structural', 'procedural', 'auto'].includes(source)) {
    throw new ArgumentError('overlayTexture', "'folder', 'structural', 'procedural' or 'auto'", source);
  }
  if (source === 'folder' && textures.length === 0) {
    throw new ArgumentError(
      'overlayTexture',
      "textures for the source 'folder'",
      'none',
      "pass images as textures, or choose 'structural' or 'procedural'",
    );
  }
  if (blend !== 'draem' && blend !== 'fsac') {
    throw new ArgumentError('overlayTexture', "blend 'draem' or 'fsac'", blend);
  }
  if (spaces.length === 0 || spaces.some((space) => !(space in lumaSpaces))) {
    throw new ArgumentError(
      'overlayTexture',
      `brightnessSpaces out of ${Object.keys(lumaSpaces).join(', ')}`,
      spaces.join(', ') || 'none',
    );
  }
}
