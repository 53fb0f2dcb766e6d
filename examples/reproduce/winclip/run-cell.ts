import type { Clip } from '@anomclip/core/clip';
import { type Image, interpolate, type Mask, resizeImage } from '@anomclip/core/image';
import type { Detector } from '@anomclip/methods';
import { clipAcPresets, createClipAc } from '@anomclip/methods/clip-ac';
import { createWinclip, fitWinclip } from '@anomclip/methods/winclip';
import ndarray from 'ndarray';
import type { Evidence, Measurement } from '../driver/cell.js';
import { evaluateClass, type ScoredSample } from '../driver/evaluate-class.js';
import type { RunCell } from '../driver/run-cells.js';
import type { ImageClasses, TestImage } from './image-classes.js';
import type { WinclipCell } from './plan.js';

/**
 * Scores the test images of every class of a cell (section 6 of WinCLIP's specification): images and ground truth are
 * brought to the model's size first, and measured there.
 *
 * @param clipFor - The model for a method.
 */
export function createRunCell(
  images: ImageClasses,
  clipFor: (method: string) => Promise<Clip>,
): RunCell<WinclipCell['options']> {
  return async (cell, { signal, step }) => {
    const clip = await clipFor(cell.method);
    const { imageSize } = clip.vision.config;
    const measurements: Measurement[] = [];
    const evidence: Evidence[] = [];
    for (const className of cell.classes) {
      const detector = await detectorOf(cell, clip, className, images);
      try {
        const test = images.test(className, cell.options.testSamples ?? undefined);
        const scored: ScoredSample[] = [];
        for (const [i, sample] of test.entries()) {
          step(`${className}, image ${i + 1} of ${test.length}`);
          scored.push(await score(sample, detector, imageSize, signal));
        }
        const result = await evaluateClass(className, scored, { aupro: 'minmax200' });
        measurements.push(result.measurement);
        evidence.push(result.evidence);
      } finally {
        detector.dispose();
      }
    }
    return { measurements, evidence };
  };
}

async function detectorOf(
  { method, k, seed }: WinclipCell,
  clip: Clip,
  className: string,
  images: ImageClasses,
): Promise<Detector<{ readonly image: Image }>> {
  // Small models have no room for the longest prompts.
  const truncate = true;
  if (method === 'CLIP-AC') return createClipAc(clip, className, { ...clipAcPresets.plain, truncate });
  if (method === 'CLIP-AC + CPE')
    return createClipAc(clip, className, { ...clipAcPresets.ensemble, truncate, unitLength: false });
  if (k === undefined) return createWinclip(clip, className, { truncate });
  return fitWinclip(clip, className, await images.references(className, k, seed), { truncate });
}

async function score(
  { id, label, load }: TestImage,
  detector: Detector<{ readonly image: Image }>,
  size: number,
  signal: AbortSignal,
): Promise<ScoredSample> {
  const { image, mask } = await load();
  const sized = ndarray(resizeImage(image, size, size).data as Uint8Array, [size, size, 3]);
  const { imageScore, anomalyMap } = await detector.predict({ image: sized }, { signal });
  return {
    id,
    label,
    imageScore,
    ...(anomalyMap && { map: anomalyMap }),
    mask: resizedMask(mask, size),
    picture: () => ({ image: sized }),
  };
}

/** Bilinear, then above a half. */
function resizedMask(mask: Mask, size: number): Mask {
  const [height, width] = mask.shape;
  const flags = Float32Array.from({ length: height * width }, (_, i) =>
    Number(mask.get(Math.floor(i / width), i % width) > 0),
  );
  const { data } = interpolate(ndarray(flags, [height, width]), size, size, { antialias: true });
  return ndarray(
    Uint8Array.from(data, (value) => Number(value > 0.5)),
    [size, size],
  );
}
