import ndarray, { type NdArray } from 'ndarray';
import { FormatError } from '../errors.js';
import type { DecodeOptions } from './decode-options.js';
import { type PngChunks, readPngChunks } from './png-chunks.js';
import { type PngSamples, readPngSamples } from './png-samples.js';
import type { Image, Mask } from './types.js';

/**
 * Decodes a PNG file of any kind to 8-bit colour: grey becomes three equal channels, palettes are looked up, fewer than
 * 8 bits are spread over 0…255, 16 bits are divided by 257 and rounded, alpha is dropped.
 *
 * @returns [H, W, 3].
 * @throws {@link FormatError} when it is no PNG, is cut off or damaged, or has more than `maxPixels` pixels.
 */
export function decodePng(bytes: Uint8Array, options: DecodeOptions = {}): Image {
  const png = readPngChunks(bytes, options);
  return ndarray(toColours(png, readPngSamples(png)), [png.height, png.width, 3]);
}

/**
 * Decodes a PNG file to one grey channel: 16-bit grey as it is, everything else as 8 bits; colours become
 * (299 R + 587 G + 114 B)/1000 in the fixed-point arithmetic of Pillow's `convert('L')`.
 *
 * @returns [H, W], a Uint16Array for 16-bit grey files (depth maps), a Uint8Array for all others.
 * @throws {@link FormatError} as {@link decodePng}.
 */
export function decodePngGrey(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): NdArray<Uint8Array | Uint16Array> {
  const png = readPngChunks(bytes, options);
  const samples = readPngSamples(png);
  return ndarray<Uint8Array | Uint16Array>(toGrey(png, samples), [png.height, png.width]);
}

/**
 * Decodes a PNG file as a mask: 1 where grey or any colour channel is not zero, whatever the number of bits; alpha does
 * not count.
 *
 * @returns [H, W], 0 and 1.
 * @throws {@link FormatError} as {@link decodePng}.
 */
export function decodeMask(bytes: Uint8Array, options: DecodeOptions = {}): Mask {
  const png = readPngChunks(bytes, options);
  const samples = png.palette ? toColours(png, readPngSamples(png)) : readPngSamples(png);
  const stride = png.palette ? 3 : png.channels;
  const counted = stride >= 3 ? 3 : 1;
  const mask = new Uint8Array(png.width * png.height);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    for (let channel = 0; channel < counted; channel++) {
      if (samples[pixel * stride + channel] !== 0) mask[pixel] = 1;
    }
  }
  return ndarray(mask, [png.height, png.width]);
}

/** Red, green, blue of every pixel. */
function toColours(png: PngChunks, samples: PngSamples): Uint8Array {
  const { channels, depth, palette } = png;
  if (channels === 3 && samples instanceof Uint8Array) return samples;
  const count = png.width * png.height;
  const colours = new Uint8Array(count * 3);
  if (palette) {
    for (let pixel = 0; pixel < count; pixel++) {
      const entry = 3 * samples[pixel];
      if (entry >= palette.length) {
        throw new FormatError(
          'PNG',
          `pixel ${pixel} has colour ${samples[pixel]} of a palette of ${palette.length / 3}`,
        );
      }
      colours[3 * pixel] = palette[entry];
      colours[3 * pixel + 1] = palette[entry + 1];
      colours[3 * pixel + 2] = palette[entry + 2];
    }
    return colours;
  }
  const isColour = channels >= 3;
  const factor = 255 / (2 ** depth - 1);
  for (let pixel = 0; pixel < count; pixel++) {
    const first = pixel * channels;
    colours[3 * pixel] = samples[first] * factor + 0.5;
    colours[3 * pixel + 1] = samples[isColour ? first + 1 : first] * factor + 0.5;
    colours[3 * pixel + 2] = samples[isColour ? first + 2 : first] * factor + 0.5;
  }
  return colours;
}

function toGrey(png: PngChunks, samples: PngSamples): Uint8Array | Uint16Array {
  const { channels, depth, palette } = png;
  if (palette || channels >= 3) return luma(toColours(png, samples));
  if (channels === 1 && depth >= 8) return samples;
  const grey = new (depth === 16 ? Uint16Array : Uint8Array)(png.width * png.height);
  const factor = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  for (let pixel = 0; pixel < grey.length; pixel++) grey[pixel] = samples[pixel * channels] * factor;
  return grey;
}

/** ITU-R 601 luma with 16-bit weights. */
function luma(colours: Uint8Array): Uint8Array {
  const grey = new Uint8Array(colours.length / 3);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const [red, green, blue] = [colours[3 * pixel], colours[3 * pixel + 1], colours[3 * pixel + 2]];
    grey[pixel] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }
  return grey;
}
