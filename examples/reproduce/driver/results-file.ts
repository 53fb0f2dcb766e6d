import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgumentError } from '@anomclip/core';
import { writeAtomically } from '@anomclip/core/node';
import { type Cell, cellKey, type Evidence, type Json, type Measurement } from './cell.js';
import type { CellOutcome } from './finish-cell.js';

/** A line of `results.jsonl`. */
export interface FinishedCell {
  readonly key: string;
  readonly cell: Cell;
  readonly measurements: readonly Measurement[];
  readonly details: { readonly [name: string]: Json };
  readonly seconds: number;
  readonly finishedAt: string;
  /** Versions and machine. */
  readonly environment: { readonly [name: string]: Json };
}

/** Where the results of a folder lie. */
function resultsPath(folder: string): string {
  return join(folder, 'results.jsonl');
}

/**
 * The finished cells of a folder, in the order in which they finished; the first of a key counts, so nothing is counted
 * twice. A last line without its end is what a killed run left and is passed over.
 *
 * @throws {@link ArgumentError} when any other line is not a finished cell.
 */
export async function readResults(folder: string): Promise<FinishedCell[]> {
  const text = await readFile(resultsPath(folder), 'utf8').catch(emptyIfAbsent);
  const finished = new Map<string, FinishedCell>();
  for (const [i, line] of text.split('\n').slice(0, -1).entries()) {
    const cell = parseLine(line);
    if (!cell) {
      const where = `${resultsPath(folder)}, line ${i + 1}`;
      throw new ArgumentError(where, 'a finished cell', line.slice(0, 60), 'choose another --output');
    }
    if (!finished.has(cell.key)) finished.set(cell.key, cell);
  }
  return [...finished.values()];
}

/** Removes what a killed run left of its last line, so that the next line starts on a line of its own. */
export async function removeTornLine(folder: string): Promise<void> {
  const text = await readFile(resultsPath(folder), 'utf8').catch(emptyIfAbsent);
  if (text === '' || text.endsWith('\n')) return;
  await writeAtomically(resultsPath(folder), text.slice(0, text.lastIndexOf('\n') + 1));
}

/**
 * Keeps what a cell gave: its evidence first, so that every finished cell has its own, then its line. When this returns, the
 * line is on the disk.
 */
export async function recordOutcome(folder: string, { finished, evidence }: CellOutcome): Promise<void> {
  if (evidence) {
    await writeAtomically(evidencePath(folder, finished.key), JSON.stringify(evidence, notFiniteAsNull));
  }
  await mkdir(folder, { recursive: true });
  const file = await open(resultsPath(folder), 'a');
  try {
    // One write: lines of several processes do not mix.
    await file.write(`${JSON.stringify(finished, notFiniteAsNull)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** For the way between machines; {@link parseOutcome} reads it. */
export function formatOutcome(outcome: CellOutcome): string {
  return JSON.stringify(outcome, notFiniteAsNull);
}

/** @throws {@link ArgumentError} when the text is no outcome of a cell. */
export function parseOutcome(text: string): CellOutcome {
  const { finished, evidence } = JSON.parse(text, nullAsNan) as CellOutcome;
  const checked = parseLine(JSON.stringify(finished));
  if (!checked) throw new ArgumentError('parseOutcome', 'a finished cell', text.slice(0, 60));
  return { finished: checked, ...(evidence && { evidence }) };
}

/** Forgets all results of a folder, also those that only the report shows. */
export async function clearResults(folder: string): Promise<void> {
  await writeAtomically(resultsPath(folder), '');
}

/** Empty for cells that kept none. */
export async function readEvidence(folder: string, key: string): Promise<Evidence[]> {
  const text = await readFile(evidencePath(folder, key), 'utf8').catch(emptyIfAbsent);
  return text === '' ? [] : (JSON.parse(text, nullAsNan) as Evidence[]);
}

function evidencePath(folder: string, key: string): string {
  return join(folder, 'evidence', `${key}.json`);
}

function parseLine(line: string): FinishedCell | undefined {
  try {
    const value = JSON.parse(line) as FinishedCell;
    if (value.key !== cellKey(value.cell)) return undefined;
    const measurements = value.measurements.map((measurement) => ({
      ...measurement,
      metrics: Object.fromEntries(
        Object.entries(measurement.metrics).map(([name, fraction]) => [name, fraction ?? Number.NaN]),
      ),
    }));
    return { ...value, measurements };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** JSON has no NaN. */
function notFiniteAsNull(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function nullAsNan(name: string, value: unknown): unknown {
  return value === null && name === 'pixelAuroc' ? Number.NaN : value;
}

function emptyIfAbsent(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
