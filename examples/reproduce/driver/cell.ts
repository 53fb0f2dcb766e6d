import { createHash } from 'node:crypto';

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Plain data by name. Declare the options of a script as a `type`: an `interface` is not known to be JSON. */
export type CellOptions = { readonly [name: string]: Json };

/**
 * One unit of work of a reproduction: one method, learned once and scored on some classes. Cells are plain data, so that a
 * grid of them can be planned, counted and handed to other machines before any work is done.
 */
export interface Cell<Options extends CellOptions = CellOptions> {
  /** As the paper calls it, e.g. `PointAD-CoOp`; rows of the tables. */
  readonly method: string;
  /** Short name of the dataset, e.g. `mvtec3d`. */
  readonly dataset: string;
  /** Classes that are scored. */
  readonly classes: readonly string[];
  /** Normal samples per class that are learned from; absent for zero-shot methods. */
  readonly k?: number;
  readonly seed: number;
  /** Everything else that the result depends on: auxiliary class, preset, sizes, knobs. */
  readonly options: Options;
}

/** What a cell measured. */
export interface CellResult {
  readonly measurements: readonly Measurement[];
  /** Recorded beside the measurements: losses, seconds, checks. */
  readonly details?: { readonly [name: string]: Json };
  /** What the report shows of each class; kept in a file of its own. */
  readonly evidence?: readonly Evidence[];
}

/** Metrics of one class. */
export interface Measurement {
  readonly className: string;
  /** What was looked at where a method gives several results, e.g. `points`, `points + RGB`. */
  readonly part?: string;
  /** Metric, named as in the tables → fraction in [0, 1], NaN where undefined. */
  readonly metrics: { readonly [metric: string]: number };
}

/** Curves and pictures of one class, ready for the report. */
export interface Evidence {
  readonly className: string;
  readonly part?: string;
  readonly samples: readonly { readonly id: string; readonly label: 0 | 1; readonly score: number }[];
  readonly imageRoc: EncodedCurve;
  /** Absent for methods without maps. */
  readonly pixelRoc?: EncodedCurve;
  /** Per-region overlap over the false positive rate; absent where there are no regions. */
  readonly pro?: EncodedCurve;
  /** Pixels of the maps by score, in bins of equal width over {@link mapRange}; those beyond are in the end bins. */
  readonly pixelHistogram?: { readonly normal: readonly number[]; readonly anomalous: readonly number[] };
  /** Scores of the maps that are painted darkest and brightest. */
  readonly mapRange?: readonly [low: number, high: number];
  /** PNG files in base64. */
  readonly cases: readonly {
    readonly role: 'best' | 'worst' | 'highest normal';
    readonly id: string;
    readonly imageScore: number;
    readonly pixelAuroc: number;
    readonly image: string;
    readonly mask: string;
    readonly map: string;
    /** Absent where there are no points. */
    readonly cloud?: EncodedCloud;
  }[];
}

interface EncodedCurve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Points with their scores, arrays in base64; any first n points are an even sample of all. */
export interface EncodedCloud {
  readonly count: number;
  /** Uint16 xyz triples; 65535 is the longest side of the cloud. */
  readonly positions: string;
  /** Uint8, 0 to 255 over the range of the maps. */
  readonly scores: string;
  /** Uint8, 1 where anomalous. */
  readonly truth?: string;
  /** Uint8 RGB triples. */
  readonly colours?: string;
}

/** 16 hexadecimal digits that are the same for the same cell, in whatever order its options are given. */
export function cellKey(cell: Cell): string {
  const { method, dataset, classes, k = null, seed, options } = cell;
  const text = canonical({ method, dataset, classes, k, seed, options });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * For progress lines: `PointAD on peach, rope, seed 111, auxiliary carrot`.
 *
 * @param among - Of the options only those are named that are not the same in all of these of the same method.
 */
export function describeCell({ method, classes, k, seed, options }: Cell, among: readonly Cell[]): string {
  const shots = k === undefined ? [] : [`${k}-shot`];
  const others = among.filter((other) => other.method === method).map((other) => flat(other.options));
  const rest = [...flat(options)].flatMap(([name, value]) => {
    const differs = others.some((other) => {
      const theirs = other.get(name);
      return theirs !== undefined && canonical(theirs) !== canonical(value);
    });
    return differs ? [`${name} ${typeof value === 'string' ? value : canonical(value)}`] : [];
  });
  return [`${method} on ${classes.join(', ')}`, ...shots, `seed ${seed}`, ...rest].join(', ');
}

/** Options, and those within an option, under `<option> <name>`. */
function flat(options: CellOptions): Map<string, Json> {
  return new Map(
    Object.entries(options).flatMap(([name, value]): [string, Json][] =>
      isObject(value)
        ? Object.entries(value).map(([inner, each]) => [`${name} ${inner}`, each])
        : [[name, value]],
    ),
  );
}

function isObject(value: Json): value is CellOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with the keys of every object in order. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}
