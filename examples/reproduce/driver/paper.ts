import { readFile } from 'node:fs/promises';

/** Numbers that a paper prints, in percent: facts, copied as printed. */
export interface Paper {
  readonly paper: string;
  readonly tables: readonly PaperTable[];
  /** What is wrong with the printed numbers, as far as we know. */
  readonly defects: readonly string[];
}

/** One metric under one setting. */
interface PaperTable {
  /** Its number in the paper, e.g. `Table 18`. */
  readonly table: string;
  /** Short name of the dataset, as in `Sample.dataset`. */
  readonly dataset: string;
  /** e.g. `one-vs-rest`. */
  readonly setting?: string;
  /** As in `Measurement.part`. */
  readonly part?: string;
  readonly metric: string;
  /** Shots of a few-shot table. */
  readonly k?: number;
  /** What an ablation varies, and how; absent in main tables. */
  readonly variant?: string;
  /** Method → class, or `mean` as printed → percent; null for a printed dash. */
  readonly values: { readonly [method: string]: { readonly [className: string]: number | null } };
  /** Standard deviations of the same cells, where printed. */
  readonly deviations?: { readonly [method: string]: { readonly [className: string]: number } };
  /** Cells that contradict others of the paper, and the number that was most likely meant. */
  readonly corrections?: { readonly [method: string]: { readonly [className: string]: number | null } };
}

/** Which row of a paper is wanted. */
export interface PaperQuery {
  readonly dataset: string;
  readonly setting?: string;
  readonly part?: string;
  readonly metric: string;
  readonly method: string;
  readonly k?: number;
}

/** A row as printed. */
export interface PaperRow {
  readonly tables: readonly string[];
  readonly dataset: string;
  readonly values: { readonly [className: string]: number | null };
  /** Classes whose cell is doubtful. */
  readonly doubtful: readonly string[];
}

/** @param name - Of the file, which is that of the script. */
export async function readPaper(
  name: 'pointad' | 'clip-fsac-pp' | 'clip3d-ad' | '3dzal' | 'winclip',
): Promise<Paper> {
  return JSON.parse(await readFile(new URL(`../paper/${name}.json`, import.meta.url), 'utf8')) as Paper;
}

/** What the paper prints for a method; tables that agree in all that is asked for are merged, detailed ones first. */
export function paperRow({ tables }: Paper, query: PaperQuery): PaperRow | undefined {
  const { dataset, setting, part, metric, method, k } = query;
  const found = tables
    .filter(
      (table) =>
        table.variant === undefined &&
        table.dataset === dataset &&
        (setting === undefined || table.setting === setting) &&
        table.part === part &&
        table.metric === metric &&
        table.k === k &&
        Object.hasOwn(table.values, method),
    )
    .sort((a, b) => Object.keys(b.values[method]).length - Object.keys(a.values[method]).length);
  if (found.length === 0) return undefined;
  return {
    tables: [...new Set(found.map(({ table }) => table))],
    dataset,
    values: Object.assign({}, ...found.toReversed().map(({ values }) => values[method])),
    doubtful: found.flatMap(({ corrections }) => Object.keys(corrections?.[method] ?? {})),
  };
}
