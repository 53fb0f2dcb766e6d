import type { Image, Mask } from '@anomclip/core/image';
import { type Dataset, type KShotOptions, kShotSubset } from '@anomclip/datasets';
import { pickTestSamples } from '../../shared/pick-samples.js';

/** Images of some classes, from whatever source. */
export interface ImageClasses {
  /** As cells call it. */
  readonly name: string;
  readonly classes: readonly string[];
  /** k normal images to compare with, nested for one seed; none of them is tested. */
  references(className: string, k: number, seed: number): Promise<Image[]>;
  test(className: string, atMost?: number): readonly TestImage[];
}

export interface TestImage {
  readonly id: string;
  readonly label: 0 | 1;
  load(): Promise<{ readonly image: Image; readonly mask: Mask }>;
}

/** The classes of a dataset with images: references from its training split, by {@link kShotSubset}. */
export function datasetImages(
  dataset: Dataset,
  name: string,
  { selection = 'random' }: Pick<KShotOptions, 'selection'> = {},
): ImageClasses {
  return {
    name,
    classes: dataset.classes,
    references: (className, k, seed) =>
      Promise.all(
        kShotSubset(dataset.samples({ className, split: 'train' }), k, { seed, selection }).map((sample) =>
          sample.loadImage(),
        ),
      ),
    test: (className, atMost) =>
      pickTestSamples(dataset.samples({ className, split: 'test' }), atMost).map((sample) => ({
        id: sample.id,
        label: sample.label,
        load: async () => ({ image: await sample.loadImage(), mask: await sample.loadMask() }),
      })),
  };
}
