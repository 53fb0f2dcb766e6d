import { type Image, resizeImage } from '@anomclip/core/image';
import { cosSinOfTurns, type Rng } from '@anomclip/core/random';
import { drawPerlinNoise } from './perlin-noise.js';
import { copyPixels, type Pixels, toImage } from './synthetic-image.js';

/** An 8 × 8 grid of cells of the image in random order: foreign structure in the colours of the object. */
export function shuffleCells(pixels: Pixels, rng: Rng): Pixels {
  const { height, width } = pixels;
  const [cellHeight, cellWidth] = [Math.ceil(height / 8), Math.ceil(width / 8)];
  const source = resizedPixels(pixels, 8 * cellHeight, 8 * cellWidth);
  const data = new Uint8Array(source.data.length);
  const order = rng.permutation(64);
  const row = 3 * source.width;
  for (let cell = 0; cell < 64; cell++) {
    const from = (order[cell] >> 3) * cellHeight * row + 3 * (order[cell] & 7) * cellWidth;
    const to = (cell >> 3) * cellHeight * row + 3 * (cell & 7) * cellWidth;
    for (let i = 0; i < cellHeight; i++) {
      const start = from + i * row;
      data.set(source.data.subarray(start, start + 3 * cellWidth), to + i * row);
    }
  }
  return resizedPixels({ ...source, data }, height, width);
}

/** A texture without any image: colour clouds, stripes or a checkerboard. */
export function drawTexture(height: number, width: number, rng: Rng): Pixels {
  const draw = [drawClouds, drawStripes, drawCheckerboard][rng.integer(0, 3)];
  return { data: draw(height, width, rng), height, width };
}

/** Bilinear; the same pixels when nothing changes. */
export function resizedPixels(pixels: Pixels, height: number, width: number): Pixels {
  if (pixels.height === height && pixels.width === width) return pixels;
  return resizedTexture(toImage(pixels), height, width);
}

/** A texture's pixels at the size of the image, bilinear. */
export function resizedTexture(texture: Image, height: number, width: number): Pixels {
  return copyPixels('overlayTexture textures', resizeImage(texture, height, width, { filter: 'bilinear' }));
}

/** Every channel a sum of four octaves of Perlin noise, stretched to 0…255. */
function drawClouds(height: number, width: number, rng: Rng): Uint8Array {
  const data = new Uint8Array(3 * height * width);
  for (let channel = 0; channel < 3; channel++) {
    const sum = new Float64Array(height * width);
    for (let octave = 0; octave < 4; octave++) {
      const cells = 4 << octave;
      const noise = drawPerlinNoise(height, width, cells, cells, rng).data;
      for (let i = 0; i < sum.length; i++) sum[i] += noise[i] / (1 << octave);
    }
    const low = sum.reduce((a, b) => Math.min(a, b));
    const range = sum.reduce((a, b) => Math.max(a, b)) - low || 1;
    for (let i = 0; i < sum.length; i++) data[3 * i + channel] = Math.round((255 * (sum[i] - low)) / range);
  }
  return data;
}

/** A sine wave of 4 to 32 periods across the larger side, at any angle, between two colours. */
function drawStripes(height: number, width: number, rng: Rng): Uint8Array {
  const periods = rng.uniform(4, 32) / Math.max(height, width);
  const [cos, sin] = cosSinOfTurns(rng.uniform());
  const [first, second] = [drawColour(rng), drawColour(rng)];
  return paint(height, width, first, second, (row, column) => {
    const turns = periods * (row * sin + column * cos);
    return 0.5 + 0.5 * cosSinOfTurns((turns - Math.floor(turns)) % 1)[1];
  });
}

/** 8 to 64 cells along either side, in two colours. */
function drawCheckerboard(height: number, width: number, rng: Rng): Uint8Array {
  const cells = rng.integer(8, 65);
  const [first, second] = [drawColour(rng), drawColour(rng)];
  return paint(height, width, first, second, (row, column) => {
    return (Math.floor((row * cells) / height) + Math.floor((column * cells) / width)) & 1;
  });
}

function drawColour(rng: Rng): number[] {
  return [rng.integer(0, 256), rng.integer(0, 256), rng.integer(0, 256)];
}

function paint(
  height: number,
  width: number,
  first: readonly number[],
  second: readonly number[],
  share: (row: number, column: number) => number,
): Uint8Array {
  const data = new Uint8Array(3 * height * width);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const t = share(row, column);
      for (let channel = 0; channel < 3; channel++) {
        data[at++] = Math.round(first[channel] + t * (second[channel] - first[channel]));
      }
    }
  }
  return data;
}
