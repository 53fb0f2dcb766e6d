import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import ndarray, { type NdArray } from 'ndarray';
import type { Raster } from './raster.js';

/** The part of a raster that is painted on. */
export type IndexRaster = Pick<Raster, 'width' | 'height' | 'index'>;

/**
 * A grey picture of a raster.
 *
 * @param greys - The grey of everything that `index` counts, 0…255.
 * @param background - Where nothing is seen, 0…255. Default: white.
 * @returns [H, W].
 * @throws {@link ShapeError} when the raster names more than `greys` has.
 */
export function paintGrey(raster: IndexRaster, greys: Uint8Array, background = 255): NdArray<Uint8Array> {
  const { width, height, index } = raster;
  checkByte('paintGrey: background', background);
  checkLength('paintGrey: greys', greys.length, index, 1);
  const pixels = new Uint8Array(width * height);
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    const i = index[pixel];
    pixels[pixel] = i < 0 ? background : greys[i];
  }
  return ndarray(pixels, [height, width]);
}

/**
 * A coloured picture of a raster.
 *
 * @param colours - Red, green, blue of everything that `index` counts.
 * @param background - Where nothing is seen. Default: white.
 * @throws {@link ShapeError} when the raster names more than `colours` has.
 */
export function paintColours(
  raster: IndexRaster,
  colours: Uint8Array,
  background: readonly [red: number, green: number, blue: number] = [255, 255, 255],
): Image {
  const { width, height, index } = raster;
  for (const value of background) checkByte('paintColours: background', value);
  checkLength('paintColours: colours', colours.length, index, 3);
  const [red, green, blue] = background;
  const pixels = new Uint8Array(3 * width * height);
  for (let pixel = 0, at = 0; pixel < index.length; pixel++, at += 3) {
    const from = 3 * index[pixel];
    const seen = from >= 0;
    pixels[at] = seen ? colours[from] : red;
    pixels[at + 1] = seen ? colours[from + 1] : green;
    pixels[at + 2] = seen ? colours[from + 2] : blue;
  }
  return ndarray(pixels, [height, width, 3]);
}

function checkByte(where: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 255) {
    throw new ArgumentError(where, 'a whole number from 0 to 255', value);
  }
}

function checkLength(where: string, length: number, index: Int32Array, channels: number): void {
  let largest = -1;
  for (let pixel = 0; pixel < index.length; pixel++) if (index[pixel] > largest) largest = index[pixel];
  if (length < channels * (largest + 1) || length % channels !== 0) {
    throw new ShapeError(where, `${channels} per point, at least [${channels * (largest + 1)}]`, [length]);
  }
}
