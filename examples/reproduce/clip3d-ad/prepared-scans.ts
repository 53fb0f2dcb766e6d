import { AnomclipError } from '@anomclip/core';
import type { Dataset, Sample } from '@anomclip/datasets';
import { type Clip3dConfig, type Clip3dSample, prepareClip3d } from '@anomclip/methods/clip3d-ad';

/** Loads, cleans and renders a sample. */
export type LoadPrepared = (sample: Sample, config: Clip3dConfig, imageSize: number) => Promise<Clip3dSample>;

/**
 * Keeps what was prepared of one class: cells of a class follow each other, and its scans come again for every method, seed
 * and number of shots. With `cameraFit: 'accumulate'` all scans of a class are rendered in the order of the dataset first, as a
 * renderer does that runs over a dataset, so that results do not depend on which cells are run.
 */
export function preparedScans(dataset: Dataset): LoadPrepared {
  let keptClass: string | undefined;
  let kept = new Map<string, Clip3dSample>();
  const keyOf = ({ id }: Sample, { views }: Clip3dConfig) => `${id} ${views.join()}`;

  async function prepare(sample: Sample, config: Clip3dConfig, imageSize: number, before?: Clip3dSample) {
    const { organised, image } = await sample.load();
    if (!organised || !image) {
      throw new AnomclipError(`${sample.id} has no organised points with an image, which CLIP3D-AD needs`);
    }
    // Views even for methods that look at none: all cells share the scans.
    const withViews = { ...config, useMultiView: true };
    const prepared = prepareClip3d({ organised, image }, withViews, imageSize, before?.drawn);
    kept.set(keyOf(sample, config), prepared);
    return prepared;
  }

  return async (sample, config, imageSize) => {
    const { className } = sample;
    if (className !== keptClass) [keptClass, kept] = [className, new Map()];
    const known = kept.get(keyOf(sample, config));
    if (known) return known;
    if (config.cameraFit !== 'accumulate') return prepare(sample, config, imageSize);
    let last: Clip3dSample | undefined;
    for (const each of ['train', 'test'] as const) {
      for (const scan of dataset.samples({ className, split: each })) {
        last = await prepare(scan, config, imageSize, last);
      }
    }
    return kept.get(keyOf(sample, config)) ?? prepare(sample, config, imageSize, last);
  };
}
