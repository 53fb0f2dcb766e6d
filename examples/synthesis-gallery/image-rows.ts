import { createMask, type Image } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import {
  brightnessForeground,
  contrastForeground,
  noiseMask,
  noisePatches,
  noisePatchSettings,
  nsa,
  nsaSettings,
  overlayTexture,
  type SyntheticImage,
} from '@anomclip/synth/image';
import type { NormalImage } from './normal-data.js';
import { greyPicture, outlined, sideBySide } from './pictures.js';

/** One generator, and what it makes of every normal image or cloud. */
export interface GalleryRow {
  readonly title: string;
  readonly note: string;
  readonly pictures: readonly Image[];
}

/** Every image generator on every normal image: the result, and its mask's outline. */
export function imageRows(images: readonly NormalImage[], rng: Rng): GalleryRow[] {
  const row = (
    title: string,
    note: string,
    draw: (normal: NormalImage, stream: Rng) => Image,
  ): GalleryRow => ({
    title,
    note,
    pictures: images.map((normal) => draw(normal, rng.fork(title, normal.name))),
  });
  const anomalies = (
    title: string,
    note: string,
    make: (normal: NormalImage, stream: Rng) => SyntheticImage,
  ): GalleryRow =>
    row(title, note, (normal, stream) => {
      const { image, mask } = make(normal, stream);
      return sideBySide([image, outlined(image, mask)]);
    });
  const others = (normal: NormalImage) =>
    images.filter((other) => other !== normal).map(({ image }) => image);
  return [
    row('Normal images', 'and their foreground, white', ({ image, foreground }) =>
      sideBySide([image, greyPicture(foreground ?? everywhere(image))]),
    ),
    row(
      'Foreground from RGB',
      'brightness extremes, and distance from the grey of the corner',
      ({ image }) => {
        const brightness = (image.get(2, 2, 0) + image.get(2, 2, 1) + image.get(2, 2, 2)) / 3;
        const contrast = contrastForeground(image, [{ brightness, threshold: 25 }]);
        return sideBySide([greyPicture(brightnessForeground(image)), greyPicture(contrast)]);
      },
    ),
    anomalies('Noise patches, paper', 'Gaussian squares on the foreground', ({ image, foreground }, stream) =>
      noisePatches(image, stream, { ...noisePatchSettings('paper', 'bottle').options, foreground }),
    ),
    anomalies('Noise patches, reference code', 'uniform rectangles', ({ image, foreground }, stream) =>
      noisePatches(image, stream, { ...noisePatchSettings('reference-code', 'bottle').options, foreground }),
    ),
    row('Perlin noise', 'the noise, and its mask on the foreground', ({ image, foreground }, stream) => {
      const [height, width] = image.shape;
      const { noise, mask } = noiseMask(height, width, stream, { foreground });
      const half = {
        shape: noise.shape,
        get: (i: number, j: number) => Math.min(Math.max(0.5 + noise.get(i, j) / 2, 0), 1),
      };
      return sideBySide([greyPicture(half), greyPicture(mask)]);
    }),
    anomalies('Texture overlay, folder', 'another image as texture', (normal, stream) =>
      overlayTexture(normal.image, stream, {
        textures: others(normal),
        foreground: normal.foreground,
        textureSource: images.length > 1 ? 'folder' : 'structural',
      }),
    ),
    ...(['structural', 'procedural'] as const).map((textureSource) =>
      anomalies(
        `Texture overlay, ${textureSource}`,
        'no texture images needed',
        ({ image, foreground }, stream) => overlayTexture(image, stream, { textureSource, foreground }),
      ),
    ),
    anomalies('NSA, VisA settings', 'Poisson blending, normal', ({ image }, stream) =>
      nsa(image, stream, nsaSettings('visa', 'candle')),
    ),
    anomalies(
      'NSA, MVTec AD settings of leather',
      'Poisson blending, mixed, from another image',
      (normal, stream) =>
        nsa(normal.image, stream, { ...nsaSettings('mvtec-ad', 'leather'), source: others(normal)[0] }),
    ),
    anomalies('NSA, swap', 'the same patches without blending', ({ image }, stream) =>
      nsa(image, stream, { ...nsaSettings('visa', 'candle'), mode: 'swap' }),
    ),
    anomalies('NSA, ellipses', 'five per patch', ({ image }, stream) =>
      nsa(image, stream, { numEllipses: 5, resizeBounds: [1, 2] }),
    ),
    row('NSA labels', 'binary, and logistic of the intensity', ({ image }, stream) => {
      const binary = nsa(image, stream.fork('same'), { labelMode: 'binary' });
      const logistic = nsa(image, stream.fork('same'), { logisticParams: [1 / 6, 15] });
      return sideBySide([greyPicture(binary.labels()), greyPicture(logistic.labels())]);
    }),
  ];
}

function everywhere({ shape }: Image) {
  const mask = createMask(shape[0], shape[1]);
  mask.data.fill(1);
  return mask;
}
