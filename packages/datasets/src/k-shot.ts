import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { compareByCodeUnit } from './list-folder.js';
import type { Sample } from './sample.js';

const selections = ['random', 'first', 'with-replacement'] as const;

/** Options of {@link kShotSubset}. */
export interface KShotOptions {
  /** Another seed draws another subset. @defaultValue 0 */
  readonly seed?: number | string;
  /**
   * `first` takes the first k by name instead of drawing; `with-replacement` may draw a sample more than once, as the
   * re-implementation of WinCLIP does. @defaultValue 'random'
   */
  readonly selection?: (typeof selections)[number];
}

/**
 * k samples of each class, drawn without replacement unless asked for. Subsets of the same seed are nested: 1 shot is among the 2 shots,
 * these are among the 4. They depend on the ids of the class's samples, taken in code unit order, and on the seed: not on
 * the platform, the order of the files on disk, the order of `samples`, or the other classes.
 *
 * @param samples - Normal samples, usually `dataset.samples({ split: 'train' })`.
 * @param k - A whole number from 1.
 * @returns By class in the order of `samples`, within a class by id.
 * @throws `ArgumentError` when a class has fewer than k samples and they are not repeated, or a sample is anomalous or there twice.
 */
export function kShotSubset(samples: readonly Sample[], k: number, options: KShotOptions = {}): Sample[] {
  const { seed = 0, selection = 'random' } = options;
  if (!(Number.isInteger(k) && k >= 1)) throw new ArgumentError('kShotSubset: k', 'a whole number from 1', k);
  if (!selections.includes(selection)) {
    throw new ArgumentError('kShotSubset: selection', selections.join(', '), selection);
  }
  return [...groupByClass(samples)].flatMap(([className, ofClass]) => {
    const sorted = ofClass.sort((a, b) => compareByCodeUnit(a.id, b.id));
    const repeats = selection === 'with-replacement';
    checkClass(className, sorted, repeats ? 1 : k);
    if (selection === 'first') return sorted.slice(0, k);
    const rng = createRng(seed).fork('k-shot', className);
    const order = repeats
      ? Uint32Array.from({ length: k }, () => rng.integer(0, sorted.length))
      : rng.permutation(sorted.length);
    return Array.from(order.subarray(0, k).sort(), (index) => sorted[index]);
  });
}

function groupByClass(samples: readonly Sample[]): Map<string, Sample[]> {
  const classes = new Map<string, Sample[]>();
  for (const sample of samples) {
    const ofClass = classes.get(sample.className) ?? [];
    ofClass.push(sample);
    classes.set(sample.className, ofClass);
  }
  return classes;
}

function checkClass(className: string, sorted: readonly Sample[], k: number): void {
  const anomalous = sorted.find(({ label }) => label === 1);
  if (anomalous) {
    throw new ArgumentError('kShotSubset: samples', 'normal samples', anomalous.id, 'filter with label: 0');
  }
  const twice = sorted.find(({ id }, i) => i > 0 && id === sorted[i - 1].id);
  if (twice) throw new ArgumentError('kShotSubset: samples', 'each sample once', twice.id);
  if (sorted.length < k) {
    throw new ArgumentError('kShotSubset: k', `at most the ${sorted.length} samples of ${className}`, k);
  }
}
