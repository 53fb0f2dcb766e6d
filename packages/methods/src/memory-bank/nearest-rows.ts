import { ArgumentError } from '@anomclip/core';
import { assertFinite, countRows } from './rows.js';
import { squaredDistanceWithin } from './squared-distance.js';

/** For every query its nearest bank row. */
export interface NearestRows {
  /** [Q] */
  readonly indices: Uint32Array;
  /** [Q], Euclidean. */
  readonly distances: Float64Array;
}

/**
 * The nearest bank row of every query; ties go to the lower index. Exact: a bank row is left out only when the few
 * coordinates that vary most already put it too far away.
 *
 * @param queries - [Q, dimension], row-major, finite. Alike neighbours, such as patches in raster order, search faster.
 * @param bank - [M, dimension], row-major, finite, M ≥ 1.
 * @throws {@link ShapeError} when one of the two is not a whole number of rows.
 * @throws {@link ArgumentError} when the bank is empty or a number is not finite.
 */
export function nearestRows(queries: Float32Array, bank: Float32Array, dimension: number): NearestRows {
  const queryCount = countRows(WHERE, 'queries', queries, dimension);
  const bankCount = countRows(WHERE, 'bank', bank, dimension);
  if (bankCount === 0) throw new ArgumentError(WHERE, 'a bank of at least one row', bank);
  assertFinite(WHERE, 'queries', queries);
  assertFinite(WHERE, 'bank', bank);

  const search: Search = {
    queries,
    bank,
    dimension,
    ...digest(bank, dimension),
    indices: new Uint32Array(queryCount),
    squaredDistances: new Float64Array(queryCount).fill(Infinity),
  };
  const chunk = Math.ceil(CHUNK_SIZE / dimension);
  for (let start = 0; start < queryCount; start += BLOCK) {
    const end = Math.min(start + BLOCK, queryCount);
    // What was near to the last block is near to this one: a small first distance leaves out most of the bank.
    const guesses = new Set(search.indices.subarray(Math.max(0, start - BLOCK), start)).add(0);
    for (let query = start; query < end; query++) for (const row of guesses) compare(search, query, row);
    for (let row = 0; row < bankCount; row += chunk) {
      const rowEnd = Math.min(row + chunk, bankCount);
      for (let query = start; query < end; query++) searchRows(search, query, row, rowEnd);
    }
  }
  return { indices: search.indices, distances: search.squaredDistances.map(Math.sqrt) };
}

const WHERE = 'nearestRows';

/** Queries searched together: a row of a grid of 28 patches and a little more. */
const BLOCK = 32;

/** Coordinates of the bank searched by a whole block before the next ones: they stay in the processor's cache. */
const CHUNK_SIZE = 65_536;

/** Columns of the digest; `searchRows` is unrolled for this number. */
const DIGEST_SIZE = 8;

interface Search {
  readonly queries: Float32Array;
  readonly bank: Float32Array;
  readonly dimension: number;
  /** The columns of largest variance, at most `DIGEST_SIZE`. */
  readonly columns: readonly number[];
  /** [M, DIGEST_SIZE], the bank's entries in `columns`, zeros where there are fewer. */
  readonly digests: Float32Array;
  /** [Q], of the nearest row so far. */
  readonly indices: Uint32Array;
  readonly squaredDistances: Float64Array;
}

function digest(bank: Float32Array, dimension: number): Pick<Search, 'columns' | 'digests'> {
  const sums = new Float64Array(dimension);
  const squares = new Float64Array(dimension);
  const count = bank.length / dimension;
  for (let row = 0, i = 0; row < count; row++) {
    for (let column = 0; column < dimension; column++, i++) {
      sums[column] += bank[i];
      squares[column] += bank[i] * bank[i];
    }
  }
  const variances = sums.map((sum, column) => squares[column] - (sum * sum) / count);
  const columns = Array.from(variances, (_, column) => column)
    .sort((a, b) => variances[b] - variances[a] || a - b)
    .slice(0, DIGEST_SIZE);
  const digests = new Float32Array(count * DIGEST_SIZE);
  for (let row = 0; row < count; row++) {
    columns.forEach((column, k) => {
      digests[row * DIGEST_SIZE + k] = bank[row * dimension + column];
    });
  }
  return { columns, digests };
}

function compare(search: Search, query: number, row: number): void {
  const { queries, bank, dimension, indices, squaredDistances } = search;
  const limit = squaredDistances[query];
  const squaredDistance = squaredDistanceWithin(
    queries,
    query * dimension,
    bank,
    row * dimension,
    dimension,
    limit,
  );
  if (squaredDistance < limit || (squaredDistance === limit && row < indices[query])) {
    indices[query] = row;
    squaredDistances[query] = squaredDistance;
  }
}

function searchRows(search: Search, query: number, firstRow: number, rowEnd: number): void {
  const { queries, dimension, columns, digests, squaredDistances } = search;
  const entry = (k: number): number => (k < columns.length ? queries[query * dimension + columns[k]] : 0);
  const q0 = entry(0);
  const q1 = entry(1);
  const q2 = entry(2);
  const q3 = entry(3);
  const q4 = entry(4);
  const q5 = entry(5);
  const q6 = entry(6);
  const q7 = entry(7);

  let limit = squaredDistances[query] * ROUNDING_MARGIN;
  for (let row = firstRow; row < rowEnd; row++) {
    const i = row * DIGEST_SIZE;
    const d0 = digests[i] - q0;
    const d1 = digests[i + 1] - q1;
    const d2 = digests[i + 2] - q2;
    const d3 = digests[i + 3] - q3;
    const half = d0 * d0 + d1 * d1 + (d2 * d2 + d3 * d3);
    if (half > limit) continue;
    const d4 = digests[i + 4] - q4;
    const d5 = digests[i + 5] - q5;
    const d6 = digests[i + 6] - q6;
    const d7 = digests[i + 7] - q7;
    if (half + (d4 * d4 + d5 * d5 + (d6 * d6 + d7 * d7)) > limit) continue;
    compare(search, query, row);
    limit = squaredDistances[query] * ROUNDING_MARGIN;
  }
}

/** The digest sums in another order than a full distance: rounding must not leave out an exact tie. */
const ROUNDING_MARGIN = 1 + 1e-12;
