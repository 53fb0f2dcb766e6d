import type { ResNet } from '@anomclip/core/resnet';
import type { Dataset } from '@anomclip/datasets';
import { pointsToDonate, type ThreeDzalConfig } from '@anomclip/methods/three-dzal';
import type { NdArray } from 'ndarray';
import type { CellContext } from '../driver/run-cells.js';
import { drawSamples, readScans } from './scans.js';

/** Points of interest of normal scans, by class. */
export type Donations = (
  classes: readonly string[],
  config: ThreeDzalConfig,
  context: CellContext,
) => Promise<NdArray<Float32Array>[][]>;

/**
 * Looks at every class once per seed: its points depend on its scans and on what finds them alone.
 *
 * @param network - Finds the points; `undefined` for one that was never trained.
 */
export function donationsOf(dataset: Dataset, network: ResNet | undefined): Donations {
  const known = new Map<string, NdArray<Float32Array>[]>();
  return async (classes, config, { signal, step }) => {
    const { seed, size, preprocess, background, missing, randomCnn, donors } = config;
    const donations: NdArray<Float32Array>[][] = [];
    for (const className of classes) {
      const key = JSON.stringify([className, seed, size, preprocess, background, missing, randomCnn, donors]);
      const scans = dataset.samples({ className, split: 'train', label: 0 });
      const chosen = drawSamples(scans, donors.perClass, seed, `donors ${className}`);
      const points =
        known.get(key) ??
        (await pointsToDonate(readScans(chosen), config, {
          signal,
          onProgress: ({ done }) => step(`points of interest of ${className}, ${done} of ${chosen.length}`),
          ...(network && { network }),
        }));
      known.set(key, points);
      donations.push(points);
    }
    return donations;
  };
}
