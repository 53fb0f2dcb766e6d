import { ArgumentError } from '@anomclip/core';
import type { Dataset } from './dataset.js';
import type { Sample } from './sample.js';

/** Zero-shot evaluation: learn on one class, test on classes that were never seen. */
export interface TransferSplit {
  /** The class that is learned on. */
  readonly auxiliaryClass: string;
  /** Its test split, normal and anomalous, since the training split holds normal samples only. */
  readonly train: readonly Sample[];
  /** The test splits of the other classes. */
  readonly test: readonly Sample[];
}

/**
 * One class against the rest of its dataset: train on the test split of the auxiliary class, test on the test splits of
 * all others (the protocol of PointAD).
 *
 * @throws `DatasetError` for a class that the dataset does not have.
 * @throws `ArgumentError` when the auxiliary class lacks normal or anomalous test samples, or there is no other class.
 */
export function oneVsRest(dataset: Dataset, auxiliaryClass: string): TransferSplit {
  const train = auxiliarySamples('oneVsRest', dataset, auxiliaryClass);
  const test = dataset.samples({ split: 'test' }).filter(({ className }) => className !== auxiliaryClass);
  if (test.length === 0) {
    throw new ArgumentError(
      'oneVsRest: dataset',
      'test samples of other classes',
      dataset.classes.join(', '),
    );
  }
  return { auxiliaryClass, train, test };
}

/**
 * One class of a dataset against another dataset: train on the test split of the auxiliary class of `source`, test on
 * the test splits of all classes of `target`.
 *
 * @throws As {@link oneVsRest}, and `ArgumentError` when both are the same folder, so that what was learned would be tested.
 */
export function crossDataset(source: Dataset, auxiliaryClass: string, target: Dataset): TransferSplit {
  if (source.root === target.root) {
    throw new ArgumentError(
      'crossDataset: target',
      'another folder than the source',
      target.root,
      'use oneVsRest',
    );
  }
  const train = auxiliarySamples('crossDataset', source, auxiliaryClass);
  const test = target.samples({ split: 'test' });
  if (test.length === 0) throw new ArgumentError('crossDataset: target', 'test samples', target.root);
  return { auxiliaryClass, train, test };
}

function auxiliarySamples(where: string, dataset: Dataset, className: string): readonly Sample[] {
  const samples = dataset.samples({ className, split: 'test' });
  const labels = new Set(samples.map(({ label }) => label));
  if (labels.size === 2) return samples;
  throw new ArgumentError(
    `${where}: auxiliaryClass`,
    'a class with normal and anomalous test samples',
    className,
    `it has ${samples.length} test samples, all ${labels.has(1) ? 'anomalous' : 'normal'}`,
  );
}
