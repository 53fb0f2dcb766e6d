import { AnomclipError, ArgumentError, breathe } from '@anomclip/core';
import type { MatrixProduct, PreparedBlock } from './matrix-product.js';
import { type NearestRows, nearestRows } from './nearest-rows.js';
import { NeighbourLists } from './neighbour-lists.js';
import { assertFinite, assertInteger, countRows } from './rows.js';
import { meanRow, unitRows } from './unit-rows.js';

/** For every query its nearest bank rows, ascending by (distance, index). */
export interface Neighbours extends NearestRows {
  /** Rows per query: as many as asked for, or all of the bank. */
  readonly k: number;
  /** [Q, k] */
  readonly indices: Uint32Array;
  /** [Q, k], Euclidean. */
  readonly distances: Float64Array;
}

export interface BankSearchOptions {
  /** What multiplies matrices; without one, plain loops, which are as fast for small banks and few columns. */
  readonly product?: MatrixProduct;
  /** Most bytes of products held at a time. @defaultValue 32 MiB */
  readonly resultBytes?: number;
  readonly signal?: AbortSignal;
}

export interface SearchOptions {
  /** Rows wanted per query. @defaultValue 1 */
  readonly k?: number;
  readonly signal?: AbortSignal;
}

/** A memory bank made ready for many searches. Searches take turns. */
export interface BankSearch {
  /** [size, dimension], row-major: the array it was made from. */
  readonly bank: Float32Array;
  readonly dimension: number;
  /** Rows of the bank. */
  readonly size: number;
  /**
   * @param queries - [Q, dimension], row-major, finite. None give empty lists.
   * @throws {@link ShapeError} when they are not a whole number of rows.
   * @throws {@link ArgumentError} when a number is not finite, `k` is not from 1, or the search is disposed.
   */
  search(queries: Float32Array, options?: SearchOptions): Promise<Neighbours>;
  /** Frees what the product holds once searches under way are over. A second call changes nothing. */
  dispose(): Promise<void>;
}

/**
 * Searches a memory bank by blocked matrix products: |q − b|² = |q|² + |b|² − 2 q·b.
 *
 * The result is exactly that of comparing every query with every row in float64, ties to the lower index: the product,
 * with its rounding, only leaves out rows that are too far by more than the rounding can explain; the few others are
 * compared entry by entry. Memory: the bank, what the product holds (for a moment a second copy of a block), and
 * `resultBytes`.
 *
 * @param bank - [M, dimension], row-major, finite, M ≥ 1. Borrowed: leave it unchanged while in use.
 * @throws {@link ShapeError} when it is not a whole number of rows.
 * @throws {@link ArgumentError} when it is empty or a number is not finite.
 */
export async function createBankSearch(
  bank: Float32Array,
  dimension: number,
  options: BankSearchOptions = {},
): Promise<BankSearch> {
  const { product, resultBytes = 32 * MEBIBYTE, signal } = options;
  const size = countRows(WHERE, 'bank', bank, dimension);
  if (size === 0) throw new ArgumentError(WHERE, 'a bank of at least one row', bank);
  assertFinite(WHERE, 'bank', bank);
  assertInteger(WHERE, 'resultBytes', resultBytes, 4, Infinity);
  signal?.throwIfAborted();

  const prepared = product && (await prepare(bank, dimension, product, signal));
  let last: Promise<unknown> = Promise.resolve();
  let disposed: Promise<void> | undefined;
  return {
    bank,
    dimension,
    size,

    async search(queries, { k: wanted = 1, signal } = {}) {
      if (disposed) throw new ArgumentError(WHERE, 'a search that has not been disposed', 'one that has');
      countRows(WHERE, 'queries', queries, dimension);
      assertFinite(WHERE, 'queries', queries);
      assertInteger(WHERE, 'k', wanted, 1, Infinity);
      const k = Math.min(wanted, size);
      const result = last.then(async (): Promise<Neighbours> => {
        signal?.throwIfAborted();
        if (!prepared && k === 1) return { k, ...nearestRows(queries, bank, dimension) };
        const lists = new NeighbourLists(queries, bank, dimension, k);
        if (prepared) await searchByProducts(prepared, queries, dimension, lists, resultBytes, signal);
        else await searchByLoops(queries.length / dimension, size, lists, signal);
        return { k, indices: lists.indices, distances: lists.squaredDistances.map(Math.sqrt) };
      });
      last = result.catch(() => {}); // whoever waits for the result hears of it
      return result;
    },

    dispose() {
      disposed ??= last.then(() => disposeBlocks(prepared?.blocks ?? []));
      return disposed;
    },
  };
}

/** One search of a bank, see {@link createBankSearch}: `k` nearest rows of every query. */
export async function searchBank(
  queries: Float32Array,
  bank: Float32Array,
  dimension: number,
  options: BankSearchOptions & SearchOptions = {},
): Promise<Neighbours> {
  const search = await createBankSearch(bank, dimension, options);
  try {
    return await search.search(queries, options);
  } finally {
    await search.dispose();
  }
}

const WHERE = 'BankSearch';
const MEBIBYTE = 2 ** 20;

interface PreparedBank {
  readonly centre: Float64Array;
  readonly roundoff: number;
  readonly blocks: readonly BankBlock[];
}

interface BankBlock {
  readonly firstRow: number;
  /** [rows], lengths of the rows seen from the centre. */
  readonly norms: Float64Array;
  readonly prepared: PreparedBlock;
}

async function prepare(
  bank: Float32Array,
  dimension: number,
  product: MatrixProduct,
  signal?: AbortSignal,
): Promise<PreparedBank> {
  const { roundoff = 2 ** -24, blockBytes = 64 * MEBIBYTE } = product;
  const centre = meanRow(bank, dimension);
  const size = bank.length / dimension;
  const step = Math.max(1, Math.floor(blockBytes / (4 * dimension)));
  const blocks: BankBlock[] = [];
  try {
    for (let firstRow = 0; firstRow < size; firstRow += step) {
      await breathe(signal);
      const { values, norms } = unitRows(bank, dimension, firstRow, Math.min(firstRow + step, size), centre);
      blocks.push({ firstRow, norms, prepared: await product.prepare(values, norms.length, dimension) });
    }
  } catch (error) {
    await disposeBlocks(blocks);
    throw error;
  }
  return { centre, roundoff, blocks };
}

async function disposeBlocks(blocks: readonly BankBlock[]): Promise<void> {
  for (const { prepared } of blocks) await prepared.dispose();
}

async function searchByProducts(
  { centre, roundoff, blocks }: PreparedBank,
  queries: Float32Array,
  dimension: number,
  lists: NeighbourLists,
  resultBytes: number,
  signal?: AbortSignal,
): Promise<void> {
  const queryCount = queries.length / dimension;
  for (const { firstRow, norms, prepared } of blocks) {
    const rows = norms.length;
    const step = Math.max(1, Math.floor(resultBytes / (4 * rows)));
    for (let first = 0; first < queryCount; first += step) {
      await breathe(signal);
      const end = Math.min(first + step, queryCount);
      const units = unitRows(queries, dimension, first, end, centre);
      const products = await prepared.multiply(units.values);
      if (products.length !== (end - first) * rows) {
        throw new AnomclipError(
          `${WHERE}: the product gave ${products.length} numbers for ${end - first} queries and ${rows} rows`,
        );
      }
      for (let query = first; query < end; query++) {
        const start = (query - first) * rows;
        const bounds = lowerBounds(units.norms[query - first], norms, dimension, roundoff);
        offerRows(lists, query, firstRow, products.subarray(start, start + rows), bounds);
      }
    }
  }
}

/**
 * What is certain of the distance of a query of length n to rows of length m, both seen from the centre, when the
 * product p of their directions is known with rounding.
 *
 * |q − b|² = n² + m² − 2nm·cos, and |p − cos| ≤ γ = (D+8)u / (1 − (D+8)u), u the roundoff: D for summing in any order
 * (Higham 2002, Eq. 3.5), the rest for rounding the directions, to float32 and to what the engine works with, and for
 * underflow. All that float64 rounds, here and in the distances compared with, is less than ε(n² + m²). So
 * |q − b|² ≥ (1 − ε)(n² + m²) − 2nm(p + γ).
 */
interface LowerBounds {
  readonly norms: Float64Array;
  /** 2n */
  readonly twice: number;
  readonly gamma: number;
  /** 1 − ε */
  readonly kept: number;
  /** (1 − ε)n²; what is left of the bound depends on the row. */
  readonly ofQuery: number;
}

function lowerBounds(norm: number, norms: Float64Array, dimension: number, roundoff: number): LowerBounds {
  const sum = (dimension + 8) * roundoff;
  // A cosine is at most 1: beyond, the product says nothing.
  const gamma = sum < 0.5 ? sum / (1 - sum) : 2;
  const kept = 1 - (dimension + 8) * 2 ** -49;
  return { norms, twice: 2 * norm, gamma, kept, ofQuery: kept * norm * norm };
}

/** Offers the query all rows of a block that could be among its nearest. */
function offerRows(
  lists: NeighbourLists,
  query: number,
  firstRow: number,
  products: Float32Array,
  bounds: LowerBounds,
): void {
  const groupCount = Math.ceil(products.length / GROUP);
  const smallest = new Float64Array(groupCount);
  let nearest = 0;
  for (let group = 0; group < groupCount; group++) {
    smallest[group] = smallestBound(bounds, products, group * GROUP);
    if (smallest[group] < smallest[nearest]) nearest = group;
  }
  if (smallest[nearest] === Infinity) {
    throw new AnomclipError(`${WHERE}: the product gave no numbers, but ${products[0]}`);
  }
  // The most promising rows first: their distances leave out nearly all others.
  const offer = (group: number) => {
    if (smallest[group] <= lists.limit(query) - bounds.ofQuery) {
      offerGroup(lists, query, firstRow, products, bounds, group * GROUP);
    }
  };
  offer(nearest);
  for (let group = 0; group < groupCount; group++) if (group !== nearest) offer(group);
}

/** Rows whose smallest bound is remembered, so that most are looked at once. */
const GROUP = 64;

function smallestBound(
  { norms, twice, gamma, kept }: LowerBounds,
  products: Float32Array,
  start: number,
): number {
  const end = Math.min(start + GROUP, products.length);
  let smallest = Infinity;
  for (let row = start; row < end; row++) {
    const norm = norms[row];
    const bound = norm * (kept * norm - twice * (products[row] + gamma));
    if (bound < smallest) smallest = bound;
  }
  return smallest;
}

function offerGroup(
  lists: NeighbourLists,
  query: number,
  firstRow: number,
  products: Float32Array,
  { norms, twice, gamma, kept, ofQuery }: LowerBounds,
  start: number,
): void {
  const end = Math.min(start + GROUP, products.length);
  for (let row = start; row < end; row++) {
    const norm = norms[row];
    const bound = norm * (kept * norm - twice * (products[row] + gamma));
    if (bound <= lists.limit(query) - ofQuery) lists.offer(query, firstRow + row);
  }
}

async function searchByLoops(
  queryCount: number,
  size: number,
  lists: NeighbourLists,
  signal?: AbortSignal,
): Promise<void> {
  for (let query = 0; query < queryCount; query++) {
    if (query % 16 === 0) await breathe(signal);
    for (let row = 0; row < size; row++) lists.offer(query, row);
  }
}
