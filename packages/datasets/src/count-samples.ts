import type { ClassCounts } from './dataset.js';
import type { Listing } from './listing.js';
import { isPublishedClass, type LayoutName, publishedCounts } from './published-counts.js';

/** Samples that can be used, per class. */
export function countSamples({ classes, samples }: Pick<Listing, 'classes' | 'samples'>): ClassCounts[] {
  return classes.map((className) => {
    const ofClass = samples.filter((sample) => sample.className === className);
    const inSplit = (split: string) => ofClass.filter((sample) => sample.split === split);
    const testNormal = inSplit('test').filter(({ label }) => label === 0).length;
    return {
      className,
      train: inSplit('train').length,
      validation: inSplit('validation').length,
      testNormal,
      testAnomalous: inSplit('test').length - testNormal,
    };
  });
}

/** Published classes that a folder lacks; nothing when it has none of them, since then it is another dataset. */
export function missingClasses(layout: LayoutName, classes: readonly string[]): string[] {
  if (!classes.some((className) => isPublishedClass(layout, className))) return [];
  return Object.keys(publishedCounts[layout]).filter((className) => !classes.includes(className));
}
