import { countSamples, missingClasses } from './count-samples.js';
import type { ClassCounts } from './dataset.js';
import type { Layout, Listing } from './listing.js';
import { differencesFromPublished, isPublishedClass } from './published-counts.js';

/** What was found and what is missing, for people. See `Dataset.describe`. */
export function describeDataset(layout: Layout, listing: Listing, allClasses: boolean): string {
  const { samples, skipped, classes, problems, notes, root } = listing;
  const missing = allClasses ? missingClasses(layout.name, classes) : [];
  return [
    `${layout.title} layout at ${root}: ${samples.length} samples of ${classes.length} ${classes.length === 1 ? 'class' : 'classes'}`,
    ...countSamples(listing).map((counts) => `  ${describeClass(layout, listing, counts)}`),
    ...(missing.length > 0 ? [`  missing classes: ${missing.join(', ')}`] : []),
    ...(skipped.length > 0
      ? [`  ${skipped.length} samples skipped, a modality is missing: see skipped`]
      : []),
    ...(problems.length > 0 ? [`  ${problems.length} oddities of files and folders: see verify()`] : []),
    ...notes.map((note) => `  ${note}`),
    ...describeLicence(layout, classes),
  ].join('\n');
}

function describeClass({ name }: Layout, { incomparable }: Listing, counts: ClassCounts): string {
  const { className, train, validation, testNormal, testAnomalous } = counts;
  const found = `${train} train, ${validation} validation, ${testNormal} normal and ${testAnomalous} anomalous test`;
  const differences = differencesFromPublished(name, counts, incomparable).map(
    ({ part, published }) => `${published} ${part}`,
  );
  return `${className}: ${found}${differences.length > 0 ? ` (published: ${differences.join(', ')})` : ''}`;
}

function describeLicence({ name, title, licence }: Layout, classes: readonly string[]): string[] {
  if (name === 'folders') return []; // the user's own
  if (!classes.some((className) => isPublishedClass(name, className))) {
    return [`None of the classes is from ${title}: for the licence ask the source of the data.`];
  }
  return [licence ? `${title} is licensed ${licence}.` : `For the licence of ${title} see where you got it.`];
}
