import type { OrganisedCloud, PointCloud } from '@anomclip/core';
import type { Image, Mask } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import type { DatasetProblem, FileLimits, SkippedSample } from './dataset.js';
import { compareByCodeUnit, endingOf, type FolderEntry, listFolder, stemOf } from './list-folder.js';
import type { CountedPart, LayoutName } from './published-counts.js';
import { type Camera, normalType, type Sample, splits } from './sample.js';
import type { Source } from './source.js';

/** One way to arrange a dataset in folders. */
export interface Layout {
  /** `Sample.dataset` of its samples. */
  readonly name: LayoutName;
  /** For people, e.g. `MVTec 3D-AD`. */
  readonly title: string;
  /** What it looks like on disk, for messages. */
  readonly tree: string;
  /** Of the published dataset, e.g. `CC BY-NC-SA 4.0: not for commercial use`; absent where we do not know it. */
  readonly licence?: string;
  /** Lists every file. Reads none, but those without which label and defect type are not known. */
  list(listing: Listing): Promise<void>;
}

/** A sample whose files are known and not yet read. */
export interface ListedSample
  extends Pick<Sample, 'id' | 'className' | 'split' | 'defectType' | 'label' | 'unitScale'> {
  readonly image?: Source<Image>;
  readonly organised?: Source<OrganisedCloud>;
  readonly cloud?: CloudSource;
  readonly depth?: Source<NdArray<Float32Array>>;
  /** Of a normal sample it is only verified. */
  readonly mask?: Source<Mask>;
  readonly camera?: Source<Camera>;
}

/** A cloud without a grid. */
export interface CloudSource extends Source<PointCloud> {
  /** Whether the points of an anomalous sample are always labelled; else it depends on the file. */
  readonly hasLabels?: boolean;
}

/** Name parts of a sample. */
export type SampleName = Pick<Sample, 'className' | 'split' | 'defectType'>;

/** What a layout has found so far. */
export class Listing {
  readonly classes: string[] = [];
  readonly samples: ListedSample[] = [];
  readonly skipped: SkippedSample[] = [];
  /** What the listing alone shows to be odd. */
  readonly problems: DatasetProblem[] = [];
  /** Counts that the published ones say nothing about, since the copy or the split is another one. */
  readonly incomparable = new Set<CountedPart>();
  /** For the description. */
  readonly notes: string[] = [];

  constructor(
    /** Absolute path, links resolved. */
    readonly root: string,
    readonly limits: FileLimits = {},
  ) {}

  /** Files and folders of a folder, sorted by code unit, without clutter; nothing for a folder that is not there. */
  async entries(folder: { readonly path: string } | undefined): Promise<FolderEntry[]> {
    return folder ? listFolder(folder.path, this.root) : [];
  }

  async folders(folder: { readonly path: string } | undefined): Promise<FolderEntry[]> {
    return (await this.entries(folder)).filter(({ kind }) => kind === 'folder');
  }

  /** A folder in a folder, its name in upper or lower case. */
  async folder(
    parent: { readonly path: string } | undefined,
    name: string,
  ): Promise<FolderEntry | undefined> {
    const inside = await this.folders(parent);
    return (
      inside.find((folder) => folder.name === name) ??
      inside.find((folder) => folder.name.toLowerCase() === name.toLowerCase())
    );
  }

  /**
   * Stem → path of the files with one of the endings, in the order of the stems. Other files are reported and ignored.
   *
   * @param where - For messages: the folder as the dataset calls it.
   */
  async filesByStem(
    folder: { readonly path: string } | undefined,
    endings: readonly string[],
    where: string,
  ): Promise<Map<string, string>> {
    const byStem = new Map<string, string>();
    const entries = await this.entries(folder);
    if (folder && entries.length === 0) this.warn(where, 'the folder is empty');
    for (const { name, path, kind } of entries) {
      const stem = stemOf(name);
      if (kind !== 'file' || !endings.includes(endingOf(name))) {
        this.warn(`${where}/${name}`, `not a ${endings.join(' or ')} file, ignored`);
      } else if (byStem.has(stem)) {
        this.warn(`${where}/${name}`, `second file for ${stem}, ignored`);
      } else {
        byStem.set(stem, path);
      }
    }
    return new Map([...byStem].sort(([a], [b]) => compareByCodeUnit(a, b)));
  }

  add(sample: ListedSample): void {
    this.samples.push(sample);
  }

  skip(id: string, missing: readonly string[]): void {
    this.skipped.push({ id, missing });
  }

  warn(where: string, message: string): void {
    this.problems.push({ severity: 'warning', where, message });
  }

  fail(where: string, message: string): void {
    this.problems.push({ severity: 'error', where, message });
  }

  /** Brings everything into the documented order, whatever the order in which folders were walked. */
  sort(): void {
    this.samples.sort(compareSamples);
    this.skipped.sort((a, b) => compareByCodeUnit(a.id, b.id));
  }

  /** Keeps only what belongs to the wanted classes. */
  restrictTo(wanted: ReadonlySet<string>): void {
    const unwanted = new Set(this.classes.filter((className) => !wanted.has(className)));
    const isKept = (where: string) => !unwanted.has(where.split('/', 1)[0]);
    keep(this.classes, (className) => wanted.has(className));
    keep(this.samples, ({ className }) => wanted.has(className));
    keep(this.skipped, ({ id }) => isKept(id));
    keep(this.problems, ({ where }) => isKept(where)); // also what is about no class, such as a line of a split file
  }
}

/** The id of a sample. */
export function sampleId({ className, split, defectType }: SampleName, stem: string): string {
  return `${className}/${split}/${defectType}/${stem}`;
}

function compareSamples(a: ListedSample, b: ListedSample): number {
  return (
    compareByCodeUnit(a.className, b.className) ||
    splits.indexOf(a.split) - splits.indexOf(b.split) ||
    Number(b.defectType === normalType) - Number(a.defectType === normalType) ||
    compareByCodeUnit(a.defectType, b.defectType) ||
    compareByCodeUnit(a.id, b.id)
  );
}

function keep<Item>(items: Item[], isWanted: (item: Item) => boolean): void {
  const kept = items.filter(isWanted);
  items.splice(0, items.length, ...kept);
}
