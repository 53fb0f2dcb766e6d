import type { Rng } from '@anomclip/core/random';
import type { PinholeCamera } from './camera.js';
import type { Lens } from './station.js';

/** What a camera makes of light [H, W, 3]: 8 bits, [H, W, 3]. */
export type Photographer = (light: Float64Array) => Uint8Array;

/**
 * Draws exposure and noise of one photograph: photographs of two scenes with the same photographer differ only
 * where the scenes do, and as far as the lens blurs.
 */
export function drawPhotographer(rng: Rng, { width, height }: PinholeCamera, lens: Lens): Photographer {
  const { blur, vignetting, exposureSpread, readNoise, shotNoise, chroma } = lens;
  const exposure = 1 + rng.fork('exposure').uniform(-exposureSpread, exposureSpread);
  const grain = drawNormal(width * height, rng.fork('brightness-noise'));
  const colourGrain = chroma > 0 ? drawNormal(3 * width * height, rng.fork('colour-noise')) : undefined;
  // Each pass adds a variance of half a square pixel.
  const blurPixels = blur * Math.min(width, height);
  const passes = Math.round(2 * blurPixels * blurPixels);
  const steepness = 1 / Math.sqrt(1 - vignetting) - 1;
  return (light) => {
    const sharp = passes > 0 ? light.slice() : light;
    for (let pass = 0; pass < passes; pass++) smooth(sharp, width, height);
    const image = new Uint8Array(light.length);
    for (let row = 0, i = 0; row < height; row++) {
      for (let column = 0; column < width; column++, i += 3) {
        // Nothing there: nothing recorded, not even noise.
        if (sharp[i] === 0 && sharp[i + 1] === 0 && sharp[i + 2] === 0) continue;
        const x = (2 * column + 1) / width - 1;
        const y = (2 * row + 1) / height - 1;
        const fall = 1 + (steepness * (x * x + y * y)) / 2;
        const gain = (255 * exposure) / (fall * fall);
        for (let c = 0; c < 3; c++) {
          const level = gain * sharp[i + c];
          const sd = Math.sqrt(readNoise * readNoise + (shotNoise * shotNoise * level) / 255);
          const noise = grain[i / 3] + (colourGrain ? chroma * colourGrain[i + c] : 0);
          image[i + c] = Math.min(255, Math.max(0, Math.round(level + sd * noise)));
        }
      }
    }
    return image;
  };
}

/** Weights 1, 2, 1 along rows and columns of [H, W, 3], in place; the border repeats. */
function smooth(values: Float64Array, width: number, height: number): void {
  for (let row = 0; row < height; row++) smoothLine(values, 3 * row * width, 3, width);
  for (let column = 0; column < width; column++) smoothLine(values, 3 * column, 3 * width, height);
}

function smoothLine(values: Float64Array, start: number, stride: number, count: number): void {
  for (let c = start; c < start + 3; c++) {
    let before = values[c];
    for (let k = 0, i = c; k < count; k++, i += stride) {
      const here = values[i];
      const after = k + 1 < count ? values[i + stride] : here;
      values[i] = (before + 2 * here + after) / 4;
      before = here;
    }
  }
}

function drawNormal(count: number, rng: Rng): Float32Array {
  return Float32Array.from({ length: count }, () => rng.normal());
}
