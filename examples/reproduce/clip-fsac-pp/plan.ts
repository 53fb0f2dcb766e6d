import type { Dataset } from '@anomclip/datasets';
import type { FsacDataset } from '@anomclip/methods/clip-fsac-pp';
import type { Cell } from '../driver/cell.js';
import { datasetName } from '../driver/open-data.js';
import { type SourceOptions, sourceOptions } from '../driver/source-options.js';
import { unseenCategories } from '../driver/unseen-categories.js';
import type { FsacOptions, Variant } from './options.js';

/** All that a result depends on besides classes, shots and seed. */
export type FsacSettings = SourceOptions & {
  readonly preset: FsacOptions['preset'];
  readonly settings: FsacDataset;
  readonly synthesis: NonNullable<FsacOptions['synthesis']> | null;
  readonly epochs: number;
  readonly testSamples: number | null;
  readonly variant: Variant;
  readonly releasedEvaluation: boolean;
};

export type FsacCell = Cell<FsacSettings>;

/** Zero-shot baselines, which learn nothing and have one cell each. */
const zeroShotMethods = ['CLIP-AC', 'CLIP-AC with CPE'] as const;

/** The seeds of the paper are not known. */
const fiveSeeds = [10, 11, 12, 13, 14];

/** One cell per class, number of shots, variant and seed; the same seed has the same, nested, shots everywhere. */
export function planCells(options: FsacOptions, dataset: Dataset, isUnseen: boolean): FsacCell[] {
  const { small, shots = small ? [1] : [1, 2, 4], seeds = small ? [10, 11] : fiveSeeds } = options;
  const {
    preset,
    synthesis = null,
    testSamples = null,
    epochs = small ? 20 : 100,
    releasedEvaluation,
  } = options;
  const name = isUnseen ? unseenCategories : datasetName(options, dataset);
  const settings = options.settings ?? (name === 'mvtec-ad' || name === 'visa' ? name : 'own');
  const source = sourceOptions(options);
  const shared = {
    ...source,
    ...(isUnseen && { data: unseenCategories }),
    preset,
    settings,
    synthesis,
    testSamples,
    releasedEvaluation,
  };
  const zeroShot = zeroShotMethods.map((method) => ({
    method,
    dataset: name,
    classes: dataset.classes,
    seed: seeds[0],
    options: { ...shared, epochs: 0, variant: 'full' as const },
  }));
  const trained = options.variants.flatMap((variant) =>
    shots.flatMap((k) =>
      seeds.flatMap((seed) =>
        dataset.classes.map((className) => ({
          method: 'CLIP-FSAC++',
          dataset: name,
          classes: [className],
          k,
          seed,
          options: { ...shared, epochs, variant },
        })),
      ),
    ),
  );
  return [...zeroShot, ...trained];
}

/** Rows of the tables. */
export function rowOf({ method, k, options }: Cell): string {
  const shots = k === undefined ? [] : [`${k}-shot`];
  const variant = options.variant === 'full' ? [] : [String(options.variant)];
  return [method, ...shots, ...variant].join(', ');
}
