import { ArgumentError } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import {
  brightnessForeground,
  type NsaOptions,
  noisePatches,
  noisePatchSettings,
  nsa,
  nsaSettings,
} from '@anomclip/synth/image';
import type { FsacConfig } from './config.js';

/** A source of anomalous images for a class. */
export type Synthesiser = (index: number, rng: Rng) => Image;

/**
 * Makes anomalous images from normal ones, at their own resolution (section 5 of the specification of the synthesis).
 *
 * @param images - The normal images, [H, W, 3]; borrowed.
 * @throws {@link ArgumentError} when the configuration and the images do not go together; the result throws it when an
 *   image has no room for an anomaly.
 */
export function createSynthesiser(
  images: readonly Image[],
  className: string,
  { dataset, synthesis }: Pick<FsacConfig, 'dataset' | 'synthesis'>,
): Synthesiser {
  const { method, noise, square, nsaSource } = synthesis;
  if (method === 'random-perturbation') {
    const onObject =
      synthesis.foreground === 'object' ||
      (synthesis.foreground === 'class' && noisePatchSettings('paper', className).onForeground);
    const foregrounds = images.map((image) => (onObject ? brightnessForeground(image) : undefined));
    return (index, rng) => {
      const foreground = foregrounds[index];
      return noisePatches(images[index], rng, { noise, square, ...(foreground && { foreground }) }).image;
    };
  }
  if (nsaSource === 'other' && images.length === 1) {
    throw new ArgumentError('fitFsac', "nsaSource: 'same' with a single normal image", 'other');
  }
  const options = nsaOptionsOf(dataset, className, synthesis.nsa);
  return (index, rng) => {
    const source = nsaSource === 'other' ? { source: images[(index + 1) % images.length] } : {};
    const { image, ok } = nsa(images[index], rng, { ...options, ...source });
    // A normal image would be learned as an anomalous one.
    if (!ok) {
      throw new ArgumentError(
        'fitFsac',
        'normal images in which NSA finds a place for a patch',
        `image ${index}`,
        "use synthesis.method 'random-perturbation'",
      );
    }
    return image;
  };
}

/** More attempts than `nsa` makes by itself: training goes on for hundreds of images, and must not end at an unlucky one. */
const retries = 100;

function nsaOptionsOf(
  dataset: FsacConfig['dataset'],
  className: string,
  given: FsacConfig['synthesis']['nsa'],
): NsaOptions {
  if (given !== 'class') return { retries, ...given };
  return { ...nsaSettings(dataset === 'mvtec-ad' ? 'mvtec-ad' : 'visa', className), retries };
}
