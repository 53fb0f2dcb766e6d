import { ArgumentError } from '@anomclip/core';
import type { NearestRows } from './nearest-rows.js';
import { assertInteger, countRows } from './rows.js';
import { squaredDistanceWithin } from './squared-distance.js';

export interface ReweightedScoreOptions {
  /**
   * Bank rows taken around the one that the farthest query is nearest to, itself included; 1 switches the reweighting
   * off.
   * @defaultValue 3
   */
  readonly neighbours?: number;
  /** Whether f itself is among the terms of the sum, as PatchCore's equation reads. @defaultValue false */
  readonly includeSelf?: boolean;
}

export interface ReweightedScore {
  /** `weight` times the distance of `query`. */
  readonly score: number;
  /** In [0, 1]: small where the bank itself is sparse, so that the distance says little. */
  readonly weight: number;
  /** The query farthest from the bank; the lowest on ties, −1 without queries. */
  readonly query: number;
}

/**
 * One score for all queries of an object, Eq. 6 and 7 of PatchCore (Roth et al. 2022, arXiv:2106.08265) as BTF's
 * released program computes it:
 * s = largest distance of a query x to the bank, f its nearest bank row, w = 1 − exp(s/D) / Σ exp(|x − g|/D) over the
 * bank rows g nearest to f without f itself, D = √dimension; the score is w·s.
 *
 * Of copies of f in the bank only the first is left out. With fewer than two rows in the bank the weight is 1; without
 * queries the score is 0.
 *
 * @param nearest - {@link nearestRows} of `queries` and `bank`.
 */
export function reweightedScore(
  queries: Float32Array,
  bank: Float32Array,
  dimension: number,
  nearest: NearestRows,
  options: ReweightedScoreOptions = {},
): ReweightedScore {
  const { neighbours = 3, includeSelf = false } = options;
  const queryCount = countRows(WHERE, 'queries', queries, dimension);
  countRows(WHERE, 'bank', bank, dimension);
  assertInteger(WHERE, 'neighbours', neighbours, 1, Infinity);
  const { indices, distances } = nearest;
  if (distances.length !== queryCount) {
    throw new ArgumentError(WHERE, `nearest of ${queryCount} queries`, distances.length, 'see nearestRows()');
  }
  if (queryCount === 0) return { score: 0, weight: 1, query: -1 };

  let query = 0;
  distances.forEach((distance, i) => {
    if (distance > distances[query]) query = i;
  });
  const distance = distances[query];
  const around = rowsAround(bank, dimension, indices[query], neighbours);
  if (around.length === 1) return { score: distance, weight: 1, query };

  let sum = 0;
  for (const row of includeSelf ? around : around.slice(1)) {
    const toRow = Math.sqrt(
      squaredDistanceWithin(queries, query * dimension, bank, row * dimension, dimension, Infinity),
    );
    // The quotient of the exponentials as one: distances of a hundred and more would overflow them.
    sum += Math.exp((toRow - distance) / Math.sqrt(dimension));
  }
  const weight = 1 - 1 / sum;
  return { score: weight * distance, weight, query };
}

const WHERE = 'reweightedScore';

/** The `count` bank rows nearest to one of them, ascending by (distance, index): the row or a copy of it comes first. */
function rowsAround(bank: Float32Array, dimension: number, row: number, count: number): number[] {
  const rows: number[] = [];
  const squaredDistances: number[] = [];
  for (let other = 0; other * dimension < bank.length; other++) {
    const full = rows.length === count;
    const limit = full ? squaredDistances[count - 1] : Infinity;
    const squaredDistance = squaredDistanceWithin(
      bank,
      row * dimension,
      bank,
      other * dimension,
      dimension,
      limit,
    );
    if (full && squaredDistance >= limit) continue;
    let place = rows.length;
    while (place > 0 && squaredDistances[place - 1] > squaredDistance) place--;
    rows.splice(place, 0, other);
    squaredDistances.splice(place, 0, squaredDistance);
    if (full) {
      rows.pop();
      squaredDistances.pop();
    }
  }
  return rows;
}
