import type { LongWorkOptions, PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { countSamples, missingClasses } from './count-samples.js';
import type { ClassCounts, DatasetProblem, VerificationReport } from './dataset.js';
import { createDecodedCache } from './decoded-cache.js';
import {
  differentSize,
  emptyMaskWarning,
  isEmpty,
  type Shaped,
  type SizedFile,
  sizeOf,
} from './file-sizes.js';
import type { Layout, ListedSample, Listing } from './listing.js';
import { differencesFromPublished } from './published-counts.js';
import type { Source } from './source.js';

/** Reads every file, one sample at a time. See `Dataset.verify`. */
export async function verifyDataset(
  layout: Layout,
  listing: Listing,
  options: LongWorkOptions & { readonly allClasses: boolean },
): Promise<VerificationReport> {
  const { signal, onProgress, allClasses } = options;
  const { samples, skipped, classes, root } = listing;
  const counts = countSamples(listing);
  const absent = allClasses ? missingClasses(layout.name, classes) : [];
  const problems: DatasetProblem[] = [
    ...counts.flatMap((ofClass) => compareWithPublished(layout, listing, ofClass)),
    ...(absent.length > 0
      ? [warning(root, `classes of ${layout.title} that are not there: ${absent.join(', ')}`)]
      : []),
    ...skipped.map(({ id, missing }) => error(id, `has no ${missing.join(' and no ')} file, skipped`)),
    ...listing.problems,
  ];
  const attempt = createAttempt(problems);
  for (const [index, sample] of samples.entries()) {
    signal?.throwIfAborted();
    await verifySample(sample, attempt, problems);
    onProgress?.({ stage: 'verify', done: index + 1, total: samples.length });
  }
  const ok = problems.every(({ severity }) => severity !== 'error');
  return { ok, checkedSamples: samples.length, counts, problems };
}

/** Reads a file; when that fails, lists the problem, once for files that samples share, and gives nothing. */
type Attempt = <Part>(where: string, source: Source<Part> | undefined) => Promise<Part | undefined>;

function createAttempt(problems: DatasetProblem[]): Attempt {
  const read = createDecodedCache(2 ** 26); // enough for the files that one sample reads twice
  const messages = new Set<string>();
  return async (where, source) => {
    if (!source) return undefined;
    try {
      return await read(source);
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      if (!messages.has(message)) problems.push(error(where, message));
      messages.add(message);
      return undefined;
    }
  };
}

function compareWithPublished(
  { name, title }: Layout,
  { incomparable }: Listing,
  counts: ClassCounts,
): DatasetProblem[] {
  return differencesFromPublished(name, counts, incomparable).map(({ part, found, published }) =>
    error(counts.className, `${found} ${part} samples, ${title} has ${published}`),
  );
}

/** Each file is tried even if another one is broken, so that one run lists everything. */
async function verifySample(
  sample: ListedSample,
  attempt: Attempt,
  problems: DatasetProblem[],
): Promise<void> {
  const { id, label, organised, image, depth, cloud, mask } = sample;
  const sizes: SizedFile[] = [];
  async function readGrid<Part extends Shaped | { readonly xyz: Shaped }>(
    source: Source<Part> | undefined,
  ): Promise<Part | undefined> {
    const part = await attempt(id, source);
    if (!source || part === undefined) return undefined;
    sizes.push({ path: source.path, size: sizeOf('xyz' in part ? part.xyz : part) });
    const difference = differentSize(sizes[0], sizes[sizes.length - 1]);
    if (difference) problems.push(error(id, difference.message));
    return part;
  }
  await attempt(sample.camera?.path ?? id, sample.camera);
  const grid = await readGrid(organised);
  if (grid && !contiguous(grid.xyz).some((value) => value !== 0)) {
    problems.push(warning(id, 'the scan holds no point'));
  }
  await readGrid(image);
  await readGrid(depth);
  const points = await attempt(id, cloud);
  if (points) problems.push(...oddPoints(id, label, points));
  const truth = await readGrid(mask);
  if (truth && label === 0 && !isEmpty(truth)) {
    problems.push(warning(id, 'the sample is normal, but its mask is not empty; the mask is ignored'));
  }
  if (truth && label === 1 && isEmpty(truth)) problems.push(warning(id, emptyMaskWarning));
}

function oddPoints(id: string, label: 0 | 1, { positions, labels }: PointCloud): DatasetProblem[] {
  if (positions.shape[0] === 0) return [warning(id, 'the cloud holds no point')];
  const isOdd = label === 1 && labels && !labels.some((value) => value > 0);
  return isOdd ? [warning(id, 'the sample is anomalous, but none of its points is')] : [];
}

function error(where: string, message: string): DatasetProblem {
  return { severity: 'error', where, message };
}

function warning(where: string, message: string): DatasetProblem {
  return { severity: 'warning', where, message };
}
