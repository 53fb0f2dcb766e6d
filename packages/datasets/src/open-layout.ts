import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createSample } from './create-sample.js';
import type { Dataset, OpenOptions, SampleFilter } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { createDecodedCache } from './decoded-cache.js';
import { describeDataset } from './describe-dataset.js';
import { listFolder } from './list-folder.js';
import { type Layout, Listing } from './listing.js';
import { openerOf, recogniseLayout } from './recognise-layout.js';
import { type Sample, splits } from './sample.js';
import { verifyDataset } from './verify-dataset.js';

/**
 * Opens a folder in a given layout.
 *
 * @throws {@link DatasetError} when `root` does not exist or is laid out differently, when it lacks a wanted class, and
 * for a link that leads out of it.
 */
export async function openLayout(layout: Layout, root: string, options: OpenOptions = {}): Promise<Dataset> {
  const { classes: wanted, cacheBytes = 2 ** 28, limits } = options;
  const readSource = createDecodedCache(cacheBytes);
  const folder = await findRoot(root, layout.tree);
  const listing = new Listing(folder, limits);
  await layout.list(listing);
  if (listing.samples.length + listing.skipped.length === 0) throw await wrongLayout(folder, layout);
  for (const className of wanted ?? []) assertClass(listing, className);
  if (wanted) listing.restrictTo(new Set(wanted));
  listing.sort();
  const samples = listing.samples.map((listed) => createSample(listed, layout.name, readSource));

  return {
    name: layout.name,
    root: folder,
    classes: listing.classes,
    skipped: listing.skipped,
    samples(filter = {}) {
      if (filter.className !== undefined) assertClass(listing, filter.className);
      return samples.filter((sample) => matches(sample, filter));
    },
    describe: () => describeDataset(layout, listing, wanted === undefined),
    verify: (verifyOptions) =>
      verifyDataset(layout, listing, { ...verifyOptions, allClasses: wanted === undefined }),
  };
}

/** @throws {@link DatasetError} when there is no such folder, saying what was to be found in it. */
export async function findRoot(root: string, tree: string): Promise<string> {
  const path = resolve(root);
  let found: string;
  try {
    found = await realpath(path);
  } catch (cause) {
    throw new DatasetError(path, 'no such folder', { hint: `looked for ${tree} in it`, cause });
  }
  if ((await stat(found)).isDirectory()) return found;
  throw new DatasetError(found, 'is a file', {
    hint: 'unpack the archive and pass the folder that holds the classes',
  });
}

/** Why nothing was found: says what is there instead, and recognises the folders that are passed by mistake. */
export async function wrongLayout(root: string, { title, tree }: Pick<Layout, 'title' | 'tree'>) {
  const inRoot = await listFolder(root, root);
  const problem = `not in the layout of ${title}: looked for ${tree}, found ${names(inRoot)}`;
  return new DatasetError(root, problem, { hint: await wayOut(root) });
}

async function wayOut(root: string): Promise<string> {
  const recognised = await tryRecognise(root);
  if (recognised) return `this is the layout of ${recognised}, use ${openerOf(recognised)}`;
  const inRoot = await listFolder(root, root);
  if (splits.some((split) => inRoot.some(({ name }) => name === split))) {
    return `this is the folder of one class, pass its parent ${dirname(root)}`;
  }
  for (const { kind, path } of inRoot) {
    const inside = kind === 'folder' ? await tryRecognise(path) : undefined;
    if (inside) return `the classes are one level deeper, pass ${path}`;
  }
  return 'pass the folder that holds one folder per class';
}

async function tryRecognise(path: string) {
  try {
    return await recogniseLayout(path);
  } catch {
    return undefined; // whatever it is, it is not what was looked for
  }
}

function assertClass({ root, classes }: Listing, className: string): void {
  if (classes.includes(className)) return;
  throw new DatasetError(root, `has no class ${JSON.stringify(className)}`, {
    hint: `it has ${classes.join(', ')}`,
  });
}

function matches(sample: Sample, { className, split, defectType, label }: SampleFilter): boolean {
  return (
    (className === undefined || sample.className === className) &&
    (split === undefined || sample.split === split) &&
    (defectType === undefined || sample.defectType === defectType) &&
    (label === undefined || sample.label === label)
  );
}

function names(entries: readonly { readonly name: string }[]): string {
  if (entries.length === 0) return 'an empty folder';
  const shown = entries.slice(0, 8).map(({ name }) => name);
  return `${shown.join(', ')}${entries.length > shown.length ? ` and ${entries.length - shown.length} more` : ''}`;
}
