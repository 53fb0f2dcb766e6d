import { ArgumentError, breathe, type LongWorkOptions } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { assertFinite, assertInteger, countRows } from './rows.js';
import { squaredDistanceWithin } from './squared-distance.js';

export interface KCentreOptions extends LongWorkOptions {
  /** The row chosen first; `'approximate'` has none. @defaultValue 0 */
  readonly start?: number;
  /**
   * `'exact'`: distances are to the chosen rows. `'approximate'` (PatchCore): every row's distance starts as its
   * mean distance to ten random rows, and the first choice is the largest of these.
   * @defaultValue 'exact'
   */
  readonly variant?: 'exact' | 'approximate';
  /** Rows looked at per step, drawn anew each time from those not chosen. @defaultValue all */
  readonly candidates?: number;
  /** Needed by `'approximate'` and `candidates`. */
  readonly rng?: Rng;
}

/**
 * Greedy k-centre: after the first row, always the row farthest from those already chosen, so that every row has a
 * chosen row within at most twice the smallest possible radius (Gonzalez 1985). Ties go to the lower index. When all
 * rows left coincide with chosen ones the lowest of them follow: no row is chosen twice.
 *
 * The choice is exactly that of comparing every row with every chosen row. Distances are only brought up to date when
 * they could win a step, which saves most of them: a distance can only shrink, so an old one below the largest stays below.
 * Reports stage `'coreset'`.
 *
 * @param rows - [N, dimension], row-major, finite.
 * @param count - Rows to choose, 1…N.
 * @returns The chosen indices, in the order of choice.
 * @throws {@link ShapeError} when `rows` is not a whole number of rows.
 * @throws {@link ArgumentError} when a number is out of range or `rng` is missing.
 */
export async function greedyKCentre(
  rows: Float32Array,
  dimension: number,
  count: number,
  options: KCentreOptions = {},
): Promise<Uint32Array> {
  const { start = 0, variant = 'exact', candidates, rng, signal, onProgress } = options;
  const n = countRows(WHERE, 'rows', rows, dimension);
  assertFinite(WHERE, 'rows', rows);
  assertInteger(WHERE, 'count', count, 1, n);
  assertInteger(WHERE, 'start', start, 0, n - 1);
  if (candidates !== undefined) assertInteger(WHERE, 'candidates', candidates, 1, n);
  signal?.throwIfAborted();

  const search = startSearch(rows, dimension, count);
  if (variant === 'approximate') startFromRandomRows(search, required(rng));
  const farthest =
    candidates === undefined ? amongAll(search) : amongCandidates(search, candidates, required(rng));

  let next = variant === 'approximate' ? farthest() : start;
  while (true) {
    choose(search, next);
    onProgress?.({ stage: 'coreset', done: search.chosenCount, total: count });
    if (search.chosenCount === count) return search.chosen;
    next = farthest();
    if (search.work > WORK_BETWEEN_BREATHS) {
      search.work = 0;
      await breathe(signal);
    }
  }
}

const WHERE = 'greedyKCentre';

/** Coordinates compared between two chances for the host to run: about a twentieth of a second. */
const WORK_BETWEEN_BREATHS = 5e7;

/** The distance of a chosen row: below all others, so that it is never the farthest. */
const CHOSEN = -Infinity;

interface Search {
  readonly rows: Float32Array;
  readonly dimension: number;
  readonly chosen: Uint32Array;
  /** The chosen rows themselves, one after the other: rows catch up along contiguous memory. */
  readonly centres: Float32Array;
  chosenCount: number;
  /** [N], to the nearest of the first `seen[i]` chosen rows. */
  readonly squaredDistances: Float64Array;
  readonly seen: Uint32Array;
  work: number;
}

function startSearch(rows: Float32Array, dimension: number, count: number): Search {
  const n = rows.length / dimension;
  return {
    rows,
    dimension,
    chosen: new Uint32Array(count),
    centres: new Float32Array(count * dimension),
    chosenCount: 0,
    squaredDistances: new Float64Array(n).fill(Infinity),
    seen: new Uint32Array(n),
    work: 0,
  };
}

/** Mean distance (not squared) to ten random rows, as the published PatchCore starts its approximate sampler. */
function startFromRandomRows({ rows, dimension, squaredDistances }: Search, rng: Rng): void {
  const n = squaredDistances.length;
  const anchors = rng.sample(n, Math.min(10, n));
  for (let row = 0; row < n; row++) {
    let sum = 0;
    for (const anchor of anchors) {
      sum += Math.sqrt(
        squaredDistanceWithin(rows, row * dimension, rows, anchor * dimension, dimension, Infinity),
      );
    }
    squaredDistances[row] = (sum / anchors.length) ** 2;
  }
}

function choose(search: Search, row: number): void {
  const { rows, dimension, centres } = search;
  centres.set(rows.subarray(row * dimension, (row + 1) * dimension), search.chosenCount * dimension);
  search.squaredDistances[row] = CHOSEN;
  search.chosen[search.chosenCount++] = row;
}

/** Compares a row with the chosen rows it has not seen, as long as its distance is at least `threshold`. */
function catchUp(search: Search, row: number, threshold: number): number {
  const { rows, dimension, centres, chosenCount, squaredDistances, seen } = search;
  let squaredDistance = squaredDistances[row];
  let next = seen[row];
  for (; next < chosenCount && squaredDistance >= threshold; next++) {
    const toCentre = squaredDistanceWithin(
      rows,
      row * dimension,
      centres,
      next * dimension,
      dimension,
      squaredDistance,
    );
    if (toCentre < squaredDistance) squaredDistance = toCentre;
  }
  search.work += (next - seen[row]) * dimension;
  seen[row] = next;
  squaredDistances[row] = squaredDistance;
  return squaredDistance;
}

function amongAll(search: Search): () => number {
  const { squaredDistances } = search;
  let runnerUp = -1; // of the last step: likely to win this one, so it sets a high threshold from the start
  return () => {
    let best = -1;
    let largest = -1;
    let next = -1;
    let secondLargest = -1;
    function look(row: number): void {
      const squaredDistance = catchUp(search, row, largest);
      if (squaredDistance > largest || (squaredDistance === largest && row < best)) {
        next = best;
        secondLargest = largest;
        best = row;
        largest = squaredDistance;
      } else if (squaredDistance > secondLargest) {
        next = row;
        secondLargest = squaredDistance;
      }
    }
    if (runnerUp >= 0 && squaredDistances[runnerUp] !== CHOSEN) look(runnerUp);
    for (let row = 0; row < squaredDistances.length; row++) {
      if (squaredDistances[row] >= largest && row !== best) look(row);
    }
    search.work += squaredDistances.length;
    runnerUp = next;
    return best;
  };
}

function amongCandidates(search: Search, candidates: number, rng: Rng): () => number {
  // The first `remaining` entries are the rows not chosen yet.
  const rows = Uint32Array.from(search.squaredDistances, (_, row) => row);
  const positions = rows.slice();
  let remaining = rows.length;
  function swap(a: number, b: number): void {
    [rows[a], rows[b]] = [rows[b], rows[a]];
    positions[rows[a]] = a;
    positions[rows[b]] = b;
  }
  return () => {
    const last = search.chosen[search.chosenCount - 1];
    if (search.chosenCount > 0) swap(positions[last], --remaining);
    let best = -1;
    let largest = -1;
    for (let look = 0; look < Math.min(candidates, remaining); look++) {
      swap(look, rng.integer(look, remaining));
      const row = rows[look];
      const squaredDistance = catchUp(search, row, largest);
      if (squaredDistance > largest || (squaredDistance === largest && row < best)) {
        best = row;
        largest = squaredDistance;
      }
    }
    return best;
  };
}

function required(rng: Rng | undefined): Rng {
  if (rng) return rng;
  throw new ArgumentError(WHERE, 'an rng for candidates or variant "approximate"', rng, 'see createRng()');
}
