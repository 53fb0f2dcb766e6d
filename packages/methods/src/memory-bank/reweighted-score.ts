import { ArgumentError } from '@anomclip/core';
import type { BankSearch } from './bank-search.js';
import type { NearestRows } from './nearest-rows.js';
import { NeighbourLists } from './neighbour-lists.js';
import { assertInteger, countRows } from './rows.js';
import { squaredDistanceWithin } from './squared-distance.js';

export interface ReweightedScoreOptions {
  /**
   * Bank rows taken around the one that the farthest query is nearest to, itself included; 1 switches the reweighting
   * off.
   * @defaultValue 3
   */
  readonly neighbours?: number;
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
  const { neighbours = 3 } = options;
  const queryCount = countRows(WHERE, 'queries', queries, dimension);
  countRows(WHERE, 'bank', bank, dimension);
  assertInteger(WHERE, 'neighbours', neighbours, 1, Infinity);
  const { indices, distances } = nearest;
  if (distances.length !== queryCount) {
    throw new ArgumentError(WHERE, `nearest of ${queryCount} queries`, distances.length, 'see nearestRows()');
  }
  const query = farthestQuery(distances);
  if (query < 0) return noQueries;
  const row = bank.subarray(indices[query] * dimension, (indices[query] + 1) * dimension);
  const lists = new NeighbourLists(row, bank, dimension, Math.min(neighbours, bank.length / dimension));
  for (let other = 0; other * dimension < bank.length; other++) lists.offer(0, other);
  return weigh(queries, bank, dimension, query, distances[query], lists.indices);
}

export interface SearchedScoreOptions extends ReweightedScoreOptions {
  readonly signal?: AbortSignal;
}

export interface SearchedScore extends ReweightedScore {
  /** Of every query, from which the score was computed: an anomaly map is made of these. */
  readonly nearest: NearestRows;
}

/**
 * {@link reweightedScore} of queries that are yet to be searched for: both the nearest rows and the rows around one of
 * them come from the search, with its matrix product.
 *
 * @param queries - [Q, dimension], row-major, finite.
 * @throws What {@link BankSearch} throws.
 */
export async function searchScore(
  search: BankSearch,
  queries: Float32Array,
  options: SearchedScoreOptions = {},
): Promise<SearchedScore> {
  const { neighbours = 3, signal } = options;
  const { bank, dimension } = search;
  assertInteger(WHERE, 'neighbours', neighbours, 1, Infinity);
  const nearest = await search.search(queries, { signal });
  const { indices, distances } = nearest;
  const query = farthestQuery(distances);
  if (query < 0) return { ...noQueries, nearest };
  const row = bank.subarray(indices[query] * dimension, (indices[query] + 1) * dimension);
  const around = await search.search(row, { k: neighbours, signal });
  return { ...weigh(queries, bank, dimension, query, distances[query], around.indices), nearest };
}

const WHERE = 'reweightedScore';

const noQueries: ReweightedScore = { score: 0, weight: 1, query: -1 };

/** The lowest of those farthest from the bank; −1 without queries. */
function farthestQuery(distances: Float64Array): number {
  let query = distances.length > 0 ? 0 : -1;
  distances.forEach((distance, i) => {
    if (distance > distances[query]) query = i;
  });
  return query;
}

/** @param around - The bank rows around the one nearest to the query, ascending: that row or a copy of it comes first. */
function weigh(
  queries: Float32Array,
  bank: Float32Array,
  dimension: number,
  query: number,
  distance: number,
  around: Uint32Array,
): ReweightedScore {
  const others = around.subarray(1);
  if (others.length === 0) return { score: distance, weight: 1, query };
  let sum = 0;
  for (const row of others) {
    const toRow = Math.sqrt(
      squaredDistanceWithin(queries, query * dimension, bank, row * dimension, dimension, Infinity),
    );
    // The quotient of the exponentials as one: distances of a hundred and more would overflow them.
    sum += Math.exp((toRow - distance) / Math.sqrt(dimension));
  }
  const weight = 1 - 1 / sum;
  return { score: weight * distance, weight, query };
}
