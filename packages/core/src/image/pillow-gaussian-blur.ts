import ndarray, { type NdArray } from 'ndarray';
import { ArgumentError, ShapeError } from '../errors.js';
import { contiguous } from './contiguous.js';

const PASSES = 3;

/**
 * Gaussian blur of an 8-bit grey image to the bytes of Pillow's `ImageFilter.GaussianBlur`: three extended box filters
 * along the rows, then three along the columns, each rounded to 8 bits (Gwosdek et al. 2011,
 * doi:10.1007/978-3-642-24785-9_38).
 *
 * @param grey - [H, W]; strided views are fine. An empty image gives an empty image.
 * @param radius - Standard deviation in pixels, ≥ 0; 0 copies.
 * @returns A new array, [H, W].
 * @throws {@link ShapeError} for another rank, {@link ArgumentError} for a negative or non-finite radius.
 */
export function pillowGaussianBlur(grey: NdArray<Uint8Array>, radius: number): NdArray<Uint8Array> {
  if (grey.shape.length !== 2) {
    throw new ShapeError('pillowGaussianBlur', '[H, W], one grey channel', grey.shape);
  }
  if (!(radius >= 0 && radius < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError('pillowGaussianBlur', 'a finite radius ≥ 0', radius);
  }
  const [height, width] = grey.shape;
  const pixels = new Uint8Array(contiguous(grey)); // not slice(): that of a Node Buffer does not copy
  const boxRadius = extendedBoxRadius(radius);
  if (boxRadius > 0 && pixels.length > 0) {
    for (let y = 0; y < height; y++) blurLine(pixels, y * width, 1, width, boxRadius);
    for (let x = 0; x < width; x++) blurLine(pixels, x, width, height, boxRadius);
  }
  return ndarray(pixels, [height, width]);
}

/** The box radius whose three passes have standard deviation `sigma`; in float32, as Pillow has it. */
function extendedBoxRadius(sigma: number): number {
  const { fround } = Math;
  const variance = fround(fround(fround(sigma) * fround(sigma)) / PASSES);
  const length = fround(Math.sqrt(12 * variance + 1));
  const whole = Math.floor((length - 1) / 2);
  const excess = fround((2 * whole + 1) * (whole * (whole + 1) - 3 * variance));
  return fround(whole + fround(excess / (6 * (variance - (whole + 1) * (whole + 1)))));
}

/** All passes over one line, whose ends go on for ever. */
function blurLine(pixels: Uint8Array, start: number, step: number, length: number, boxRadius: number): void {
  const whole = Math.floor(boxRadius);
  const weight = Math.floor(Math.fround(2 ** 24 / Math.fround(boxRadius * 2 + 1)));
  const edgeWeight = Math.floor((2 ** 24 - (2 * whole + 1) * weight) / 2);
  const margin = whole + 1;
  const line = new Uint8Array(length + 2 * margin);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < length; i++) line[margin + i] = pixels[start + i * step];
    line.fill(line[margin], 0, margin);
    line.fill(line[margin + length - 1], margin + length);
    let sum = 0;
    for (let i = 1; i <= 2 * whole; i++) sum += line[i];
    for (let i = 0; i < length; i++) {
      sum += line[i + margin + whole]; // now the sum of line[i + 1 … i + 2·whole + 1]
      const edges = line[i] + line[i + 2 * margin];
      pixels[start + i * step] = (weight * sum + edgeWeight * edges + 2 ** 23) >>> 24;
      sum -= line[i + 1];
    }
  }
}
