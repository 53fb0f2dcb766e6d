import { AnomclipError } from '@anomclip/core';
import type { Sample } from '@anomclip/datasets';
import { type Clip3dConfig, type Clip3dSample, prepareClip3d } from '@anomclip/methods/clip3d-ad';

/** Loads, cleans and renders a sample. */
export type LoadPrepared = (sample: Sample, config: Clip3dConfig, imageSize: number) => Promise<Clip3dSample>;

/**
 * Keeps what was prepared of one class: cells of a class follow each other, and its scans come again for every method, seed
 * and number of shots.
 */
export function preparedScans(): LoadPrepared {
  let keptClass: string | undefined;
  let kept = new Map<string, Clip3dSample>();
  return async (sample, config, imageSize) => {
    if (sample.className !== keptClass) [keptClass, kept] = [sample.className, new Map()];
    const known = kept.get(sample.id);
    if (known) return known;
    const { organised, image } = await sample.load();
    if (!organised || !image) {
      throw new AnomclipError(`${sample.id} has no organised points with an image, which CLIP3D-AD needs`);
    }
    // Views even for methods that look at none: all cells share the scans.
    const prepared = prepareClip3d({ organised, image }, { ...config, useMultiView: true }, imageSize);
    kept.set(sample.id, prepared);
    return prepared;
  };
}
