import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArgumentError } from '@anomclip/core';
import type { Json } from '../driver/cell.js';

/** Options of a script by name, e.g. `trainSamples` for `--train-samples`; lists stand for values with commas. */
type GridOptions = { readonly [option: string]: Json };

/** A grid as its file says it. */
interface GridFile {
  readonly title: string;
  /** Options of all runs. */
  readonly shared?: GridOptions;
  readonly runs: readonly (GridOptions & {
    /** Name of the script. */
    readonly reproduction: string;
    /** Options of which every combination is a run of its own: option → its values. */
    readonly vary?: { readonly [option: string]: readonly Json[] };
  })[];
}

/** What one call of a script would run. */
export interface GridRun {
  readonly reproduction: string;
  /** As on its command line. */
  readonly args: readonly string[];
  /** What varies, for the names of rows, e.g. `views 3`; empty where nothing does. */
  readonly label: string;
}

export interface Grid {
  /** The file's, for folders. */
  readonly name: string;
  readonly title: string;
  readonly runs: readonly GridRun[];
}

/**
 * Reads a grid of runs.
 *
 * @param nameOrPath - A name in `grids/`, or a path of a JSON file.
 * @param overrides - Options that replace those of the file in all runs.
 * @throws {@link ArgumentError} when it is no grid.
 */
export async function readGrid(nameOrPath: string, overrides: GridOptions = {}): Promise<Grid> {
  const known = fileURLToPath(new URL(`../grids/${nameOrPath}.json`, import.meta.url));
  const path = !nameOrPath.includes('/') && existsSync(known) ? known : nameOrPath;
  const file = parseGrid(path, await readFile(path, 'utf8').catch(() => ''));
  const runs = file.runs.flatMap(({ reproduction, vary = {}, ...own }) =>
    combinations(Object.entries(vary)).map((varied): GridRun => {
      const options = { ...file.shared, ...own, ...Object.fromEntries(varied), ...overrides };
      return {
        reproduction,
        args: commandLineOf(options),
        label: varied.map(([name, value]) => `${name} ${textOf(value)}`).join(', '),
      };
    }),
  );
  return { name: basename(path, '.json'), title: file.title, runs };
}

/** Options as they are typed; every reproduction checks its own. */
function commandLineOf(options: GridOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [option];
    return value === false || value === null ? [] : [`${option}=${textOf(value)}`];
  });
}

function textOf(value: Json): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The first varies slowest. */
function combinations(axes: readonly (readonly [string, readonly Json[]])[]): (readonly [string, Json])[][] {
  const [first, ...rest] = axes;
  if (!first) return [[]];
  const [name, values] = first;
  return values.flatMap((value) => combinations(rest).map((others) => [[name, value] as const, ...others]));
}

function parseGrid(path: string, text: string): GridFile {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    file = undefined; // said below
  }
  if (isGrid(file)) return file;
  throw new ArgumentError(
    path,
    'a grid: JSON with "title" and "runs", each with its "reproduction"',
    text.slice(0, 40) || 'nothing',
    'see examples/reproduce/README.md',
  );
}

function isGrid(value: unknown): value is GridFile {
  if (typeof value !== 'object' || value === null || !('title' in value) || !('runs' in value)) return false;
  if (typeof value.title !== 'string' || !Array.isArray(value.runs)) return false;
  return value.runs.every((run: unknown) => {
    if (typeof run !== 'object' || run === null || !('reproduction' in run)) return false;
    const vary = 'vary' in run ? run.vary : {};
    if (typeof vary !== 'object' || vary === null || !Object.values(vary).every(Array.isArray)) return false;
    return typeof run.reproduction === 'string';
  });
}
