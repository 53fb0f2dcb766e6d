import { ArgumentError, type LongWorkOptions } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { greedyKCentre } from './k-centre.js';
import { countRows, takeRows } from './rows.js';
import { sparseProjection } from './sparse-projection.js';

export interface CoresetOptions extends LongWorkOptions {
  /** Share of the rows to keep, in (0, 1]; at least one row is kept. @defaultValue 0.1 */
  readonly ratio?: number;
  /** `'sparse'` chooses on {@link sparseProjection} of the rows where that is shorter. @defaultValue 'sparse' */
  readonly projection?: 'sparse' | 'none';
  /** See {@link sparseProjection}. @defaultValue 0.9 */
  readonly eps?: number;
  /** The row chosen first. @defaultValue 0 */
  readonly start?: number;
  /** Rows looked at per step, see {@link greedyKCentre}. @defaultValue all */
  readonly candidates?: number;
  readonly rng: Rng;
}

/**
 * The rows that stand for all: ⌊ratio·N⌋ of them by {@link greedyKCentre}, unprojected, in the order of choice.
 * A ratio of 1 keeps every row where it is.
 *
 * @param rows - [N, dimension], row-major, N ≥ 1.
 * @throws {@link ArgumentError} when a number is out of range.
 */
export async function coreset(
  rows: Float32Array,
  dimension: number,
  options: CoresetOptions,
): Promise<Float32Array> {
  return takeRows(rows, dimension, await coresetIndices(rows, dimension, options));
}

/** As {@link coreset}: which rows it keeps. */
export async function coresetIndices(
  rows: Float32Array,
  dimension: number,
  options: CoresetOptions,
): Promise<Uint32Array> {
  const {
    ratio = 0.1,
    projection = 'sparse',
    eps = 0.9,
    start = 0,
    candidates,
    rng,
    signal,
    onProgress,
  } = options;
  const n = countRows('coreset', 'rows', rows, dimension);
  if (!(ratio > 0 && ratio <= 1)) throw new ArgumentError('coreset', 'ratio in (0, 1]', ratio);
  if (ratio === 1) return Uint32Array.from({ length: n }, (_, row) => row);
  const searched =
    projection === 'sparse'
      ? sparseProjection(rows, dimension, { eps, rng: rng.fork('projection') })
      : { rows, dimension };
  return greedyKCentre(searched.rows, searched.dimension, coresetSize(n, ratio), {
    start,
    candidates,
    rng: rng.fork('candidates'),
    signal,
    onProgress,
  });
}

/** ⌊ratio·n⌋, at least 1. */
export function coresetSize(n: number, ratio: number): number {
  return Math.max(1, Math.floor(ratio * n));
}
