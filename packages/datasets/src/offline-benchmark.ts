import { mkdir, mkdtemp, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ArgumentError, type LongWorkOptions } from '@anomclip/core';
import { writeAtomically } from '@anomclip/core/node';
import { createRng } from '@anomclip/core/random';
import {
  type DefectMeasures,
  type DefectType,
  defectTypesOf,
  type ObjectCategory,
  objectCategories,
  scanObject,
} from '@anomclip/synth/objects';
import { DatasetError } from './dataset-error.js';
import { folderChecksum } from './folder-checksum.js';
import { createMvtecAdWriter } from './mvtec-ad-writer.js';
import { createMvtec3dWriter } from './mvtec3d-writer.js';
import { namesIn } from './names-in.js';
import type { Split } from './sample.js';
import { normalType } from './sample.js';

/** Options of {@link writeOfflineBenchmark}. */
export interface OfflineBenchmarkOptions extends LongWorkOptions {
  /** Scans per category, see {@link offlineBenchmarkCounts}. @defaultValue 'small' */
  size?: 'small' | 'full';
  /** Some of `objectCategories` of `@anomclip/synth/objects`. @defaultValue all ten */
  categories?: readonly ObjectCategory[];
  /**
   * `mvtec3d`: scans with images, for `openMvtec3d`; or `mvtec-ad`: the same images without points, for `openMvtecAd`,
   * which has no validation split. @defaultValue 'mvtec3d'
   */
  layout?: OfflineBenchmarkLayout;
  /** Pixels of a scan. @defaultValue 300 for both */
  height?: number;
  width?: number;
  /**
   * When the folder is there already and not empty: `refuse` it; or `update`: leave it as it is when it holds exactly
   * what would be written, replace it when it holds another offline benchmark, and refuse it otherwise.
   * @defaultValue 'refuse'
   */
  existing?: 'refuse' | 'update';
}

/** Whose folders the offline benchmark is written in. */
export type OfflineBenchmarkLayout = 'mvtec3d' | 'mvtec-ad';

/** Scans per category, in the proportions of MVTec 3D-AD. `anomalous` counts each defect type. */
export const offlineBenchmarkCounts = {
  small: { train: 10, validation: 2, normal: 8, anomalous: 2 },
  full: { train: 60, validation: 6, normal: 12, anomalous: 6 },
} as const;

/** What `datasheet.json` says about a benchmark that was written completely. */
export interface OfflineBenchmarkDatasheet {
  readonly name: typeof benchmarkName;
  /** Raised whenever the same seed would give other files. */
  readonly version: number;
  readonly layout: OfflineBenchmarkLayout;
  readonly seed: number | string;
  readonly height: number;
  readonly width: number;
  readonly licence: string;
  /** Per category: scans per split and, in `test`, per type. */
  readonly counts: Readonly<Record<string, CategoryCounts>>;
  /** SHA-256 over all files of scans, see {@link folderChecksum}. */
  readonly checksum: string;
  /** Sample id → how plain its defect is. */
  readonly defects: Readonly<Record<string, WrittenDefect>>;
}

/** How plain a defect of the offline benchmark is, to four digits. */
export interface WrittenDefect {
  /** From 0, barely visible, to 1, obvious; spread evenly over every category. */
  readonly severity: number;
  /** Share of the pixels that its mask marks. */
  readonly area: number;
  /** Largest change of z, millimetres; 0 for stains. */
  readonly depth: number;
  /** Mean change of the image in the mask, grey levels. */
  readonly contrast: number;
}

/** Scans of one category of the offline benchmark. */
export interface CategoryCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: Readonly<Record<string, number>>;
}

const benchmarkName = 'anomclip offline benchmark';
const benchmarkVersion = 2;
const datasheetFile = 'datasheet.json';

/**
 * Writes a benchmark that needs no download: the procedural categories of `@anomclip/synth/objects` scanned on a
 * support plane, in the layout of MVTec 3D-AD or MVTec AD, to be opened by `openMvtec3d` or `openMvtecAd`. Every scan depends on the seed, the size
 * in pixels and its own name only, so the same seed gives the same files byte for byte, and scan 7 does not change
 * when fewer scans or categories are written.
 *
 * The folder appears when everything is in it: until then the files lie in a folder beside it called
 * `.<name>.partial-…`, which is removed when the work fails or is aborted.
 *
 * @returns The contents of `datasheet.json`.
 * @throws {@link DatasetError} when the folder holds something that may not be replaced, see `existing`.
 * @throws `ArgumentError` for a category or size that does not exist, or pixels that `scanObject` refuses.
 */
export async function writeOfflineBenchmark(
  folder: string,
  seed: number | string,
  options: OfflineBenchmarkOptions = {},
): Promise<OfflineBenchmarkDatasheet> {
  const {
    size = 'small',
    categories = objectCategories,
    layout = 'mvtec3d',
    height = 300,
    width = 300,
    existing = 'refuse',
  } = options;
  const { signal, onProgress } = options;
  checkOptions(categories, size, layout);
  const target = resolve(folder);
  const scans = [...new Set(categories)].flatMap((category) => planCategory(category, seed, size, layout));
  const recipe = describeRecipe(scans, { layout, seed, height, width });
  const present = await checkTarget(target, existing);
  if (present && sameRecipe(present, recipe)) return present;

  await mkdir(dirname(target), { recursive: true });
  const partial = await mkdtemp(join(dirname(target), `.${basename(target)}.partial-`));
  try {
    const complete = join(partial, basename(target)); // one deeper, since mkdtemp makes folders for the owner alone
    const writer = await writers[layout](complete);
    const defects: Record<string, WrittenDefect> = {};
    for (const [done, { id, className, split, defect, index }] of scans.entries()) {
      signal?.throwIfAborted();
      const defectType = defect?.type ?? normalType;
      const rng = createRng(seed).fork('offline', className, split, defectType, index);
      const scan = scanObject(className, rng, {
        height,
        width,
        defect: defect?.type,
        severity: defect?.severity,
        station: 'factory',
      });
      const { image, organised, mask } = scan;
      const sample = { className, split, defectType, stem: stemOfScan(index), image, organised, mask };
      await writer.write(sample);
      if (scan.defect) defects[id] = describeDefect(scan.defect);
      onProgress?.({ stage: 'offline benchmark', done: done + 1, total: scans.length });
    }
    const datasheet = { ...recipe, checksum: await folderChecksum(complete), defects };
    await writeAtomically(join(complete, 'README.md'), readme(datasheet));
    await writeAtomically(join(complete, datasheetFile), `${JSON.stringify(datasheet, null, 2)}\n`);
    await replaceFolder(target, complete);
    return datasheet;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

const writers = { mvtec3d: createMvtec3dWriter, 'mvtec-ad': createMvtecAdWriter };

/** The datasheet of a complete offline benchmark; `undefined` when the folder holds none. */
export async function readOfflineDatasheet(folder: string): Promise<OfflineBenchmarkDatasheet | undefined> {
  try {
    const datasheet: unknown = JSON.parse(await readFile(join(folder, datasheetFile), 'utf8'));
    return isDatasheet(datasheet) ? datasheet : undefined;
  } catch {
    return undefined; // no such file, or not JSON: not ours
  }
}

/** A scan to be made. */
interface PlannedScan {
  readonly id: string;
  readonly className: ObjectCategory;
  readonly split: Split;
  /** Absent for normal scans. */
  readonly defect?: { readonly type: DefectType; readonly severity: number };
  /** Counts from 0 within split and type. */
  readonly index: number;
}

function planCategory(
  className: ObjectCategory,
  seed: number | string,
  size: 'small' | 'full',
  layout: OfflineBenchmarkLayout,
): PlannedScan[] {
  const counts = offlineBenchmarkCounts[size];
  const types = defectTypesOf(className);
  const firstSeverity = createRng(seed).fork('offline', className, 'severity').uniform();
  const normalScans = (split: Split, count: number): PlannedScan[] =>
    range(count).map((index) => ({ id: idOf(className, split, normalType, index), className, split, index }));
  return [
    ...normalScans('train', counts.train),
    ...(layout === 'mvtec-ad' ? [] : normalScans('validation', counts.validation)),
    ...normalScans('test', counts.normal),
    ...types.flatMap((type, typeIndex) =>
      range(counts.anomalous).map((index): PlannedScan => {
        // Multiples of the golden ratio modulo 1 spread evenly however many there are, so a small benchmark has its
        // easy and its hard defects too, and a larger one keeps those of the smaller.
        const severity = (firstSeverity + (index * types.length + typeIndex) * goldenRatio) % 1;
        const id = idOf(className, 'test', type, index);
        return { id, className, split: 'test', defect: { type, severity }, index };
      }),
    ),
  ];
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

function stemOfScan(index: number): string {
  return String(index).padStart(3, '0');
}

function idOf(className: string, split: Split, type: string, index: number): string {
  return `${className}/${split}/${type}/${stemOfScan(index)}`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** What decides every byte. */
type Recipe = Omit<OfflineBenchmarkDatasheet, 'checksum' | 'defects'>;

function describeRecipe(
  scans: readonly PlannedScan[],
  settings: Pick<OfflineBenchmarkDatasheet, 'layout' | 'seed' | 'height' | 'width'>,
): Recipe {
  const counts: Record<string, { train: number; validation: number; test: Record<string, number> }> = {};
  for (const { className, split, defect } of scans) {
    counts[className] ??= { train: 0, validation: 0, test: {} };
    const ofClass = counts[className];
    const type = defect?.type ?? normalType;
    if (split === 'test') ofClass.test[type] = (ofClass.test[type] ?? 0) + 1;
    else ofClass[split] += 1;
  }
  return {
    name: benchmarkName,
    version: benchmarkVersion,
    ...settings,
    licence: 'generated data, no restriction on their use',
    counts,
  };
}

function sameRecipe({ checksum, defects, ...present }: OfflineBenchmarkDatasheet, recipe: Recipe): boolean {
  return JSON.stringify(present) === JSON.stringify(recipe);
}

function describeDefect({ severity, area, depth, contrast }: DefectMeasures): WrittenDefect {
  return {
    severity: Number(severity.toFixed(4)),
    area: Number(area.toFixed(4)),
    depth: Number((1000 * depth).toFixed(4)),
    contrast: Number(contrast.toFixed(4)),
  };
}

function readme({
  version,
  layout,
  seed,
  height,
  width,
  licence,
  counts,
  checksum,
}: OfflineBenchmarkDatasheet): string {
  const rows = Object.entries(counts).map(([className, { train, validation, test }]) => {
    const types = Object.entries(test).map(([type, count]) => `${count} ${type}`);
    return `| ${className} | ${train} | ${validation} | ${types.join(', ')} |`;
  });
  return `# Offline benchmark, version ${version}

Procedural parts scanned by a virtual sensor, ${height} x ${width} pixels, written by \`writeOfflineBenchmark\` of
@anomclip/datasets from the seed ${JSON.stringify(seed)}. The same version and seed give the same files byte for byte.

${layoutNotes[layout]} \`datasheet.json\` holds
how plain every defect is: severity from 0 (barely visible) to 1 (obvious), share of the pixels, depth in millimetres, contrast in grey
levels. SHA-256 of everything below the category folders, \`find . -mindepth 2 -type f | LC_ALL=C sort | xargs sha256sum | sha256sum\`:
\`${checksum}\`.

Licence: ${licence}. Scores on these parts say nothing about scores on real ones.

| category | train | validation | test |
|---|---|---|---|
${rows.join('\n')}
`;
}

const layoutNotes: Readonly<Record<OfflineBenchmarkLayout, string>> = {
  mvtec3d: `The layout is that of MVTec 3D-AD: \`<category>/<split>/<type>/{rgb,xyz,gt}/NNN.{png,tiff,png}\`; xyz in metres, (0, 0, 0)
where nothing was measured, on a support plane that belongs to the data; gt is 255 where anomalous.`,
  'mvtec-ad': `The layout is that of MVTec AD: \`<category>/<split>/<type>/NNN.png\` and \`<category>/ground_truth/<type>/NNN_mask.png\`,
which is 255 where anomalous.`,
};

function checkOptions(categories: readonly string[], size: string, layout: string): void {
  const where = 'writeOfflineBenchmark';
  if (!Object.hasOwn(writers, layout)) {
    throw new ArgumentError(`${where}: layout`, "'mvtec3d' or 'mvtec-ad'", layout);
  }
  if (!Object.hasOwn(offlineBenchmarkCounts, size)) {
    throw new ArgumentError(`${where}: size`, "'small' or 'full'", size);
  }
  const unknown = categories.find((category) => !objectCategories.some((known) => known === category));
  if (categories.length === 0 || unknown !== undefined) {
    throw new ArgumentError(
      `${where}: categories`,
      `some of ${objectCategories.join(', ')}`,
      unknown ?? categories,
    );
  }
}

/** What is at the target decides before any work is done: the offline benchmark that may be replaced, or nothing. */
async function checkTarget(
  target: string,
  existing: 'refuse' | 'update',
): Promise<OfflineBenchmarkDatasheet | undefined> {
  const names = (await namesIn(target)) ?? [];
  if (names.length === 0) return undefined;
  if (existing === 'refuse') {
    const hint = "pass a new folder, or existing: 'update' to replace an offline benchmark";
    throw new DatasetError(target, `is not empty, it holds ${names[0]}`, { hint });
  }
  const found = await readOfflineDatasheet(target);
  if (found) return found;
  const problem = `holds ${names[0]} and is not an offline benchmark, so it is not replaced`;
  throw new DatasetError(target, problem, { hint: 'pass a new folder' });
}

/** The target is absent, empty, or an offline benchmark to be replaced. */
async function replaceFolder(target: string, complete: string): Promise<void> {
  if (await readOfflineDatasheet(target)) await rm(target, { recursive: true });
  else if (await namesIn(target)) await rmdir(target); // fails if somebody has put something there meanwhile
  await rename(complete, target);
}

function isDatasheet(value: unknown): value is OfflineBenchmarkDatasheet {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === benchmarkName;
}
