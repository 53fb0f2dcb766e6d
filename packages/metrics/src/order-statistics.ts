import { areFloat32, countScores } from './chunks.js';
import type { Scores } from './inputs.js';
import { sortChunks } from './radix-sort.js';

// The bits of a float32 are looked at in two parts. The scores of one test set share few of the possible high
// parts, so the counters in use fit the cache although there are a million.
const LOW_BITS = 12;
const LOW_COUNT = 1 << LOW_BITS;
const HIGH_COUNT = 1 << (32 - LOW_BITS);
const NEGATIVE = HIGH_COUNT >>> 1;

/** Below this many scores, or above this many ranks, sorting is quicker or leaner than counting. */
const FEW_SCORES = 1 << 18;
const MANY_RANKS = 1000;

/**
 * The scores at the given ranks (0 = lowest) of all chunks together, without sorting them. NaN would come
 * before all other scores or after them.
 *
 * @param ranks - Ascending, each in [0, number of scores).
 */
export function orderStatistics(chunks: readonly Scores[], ranks: readonly number[]): Float64Array {
  if (areFloat32(chunks) && countScores(chunks) >= FEW_SCORES && ranks.length <= MANY_RANKS) {
    const pieces = chunks.map((chunk) => new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length));
    return selectByCounting(pieces, ranks);
  }
  const sorted = sortChunks(chunks);
  return Float64Array.from(ranks, (rank) => sorted[rank]);
}

function selectByCounting(pieces: readonly Int32Array[], ranks: readonly number[]): Float64Array {
  const highCounts = countHighParts(pieces);

  // Which high part each rank falls into, and how many scores of that part lie below it.
  const slotOfHigh = new Uint16Array(HIGH_COUNT); // 0: no rank falls into this part
  const highOfSlot: number[] = [0];
  const slotOfRank: number[] = [];
  const rankInSlot: number[] = [];
  let place = 0;
  let below = 0;
  for (const rank of ranks) {
    while (below + highCounts[highAt(place)] <= rank) below += highCounts[highAt(place++)];
    const high = highAt(place);
    if (slotOfHigh[high] === 0) slotOfHigh[high] = highOfSlot.push(high) - 1;
    slotOfRank.push(slotOfHigh[high]);
    rankInSlot.push(rank - below);
  }

  const lowCounts = countLowParts(pieces, slotOfHigh, highOfSlot.length);
  const bits = new Uint32Array(ranks.length);
  for (let i = 0; i < ranks.length; i++) {
    const slot = slotOfRank[i];
    const high = highOfSlot[slot];
    // Among negative numbers the one with the larger low part is the lower one.
    const [first, step] = high >= NEGATIVE ? [LOW_COUNT - 1, -1] : [0, 1];
    let low = first;
    let remaining = rankInSlot[i];
    while (lowCounts[slot * LOW_COUNT + low] <= remaining) {
      remaining -= lowCounts[slot * LOW_COUNT + low];
      low += step;
    }
    bits[i] = high * LOW_COUNT + low;
  }
  return Float64Array.from(new Float32Array(bits.buffer));
}

/** The high parts in ascending order of the numbers they belong to: the negative ones come first, backwards. */
function highAt(place: number): number {
  return place < NEGATIVE ? HIGH_COUNT - 1 - place : place - NEGATIVE;
}

function countHighParts(pieces: readonly Int32Array[]): Uint32Array {
  const counts = new Uint32Array(HIGH_COUNT);
  for (const bits of pieces) {
    let i = 0;
    // Four at a time: the loop itself would cost as much as the counting.
    for (const end = bits.length - 3; i < end; i += 4) {
      counts[bits[i] >>> LOW_BITS]++;
      counts[bits[i + 1] >>> LOW_BITS]++;
      counts[bits[i + 2] >>> LOW_BITS]++;
      counts[bits[i + 3] >>> LOW_BITS]++;
    }
    for (; i < bits.length; i++) counts[bits[i] >>> LOW_BITS]++;
  }
  return counts;
}

/** Counts of the low parts among the scores of each slot. */
function countLowParts(
  pieces: readonly Int32Array[],
  slotOfHigh: Uint16Array,
  slotCount: number,
): Uint32Array {
  const counts = new Uint32Array(slotCount * LOW_COUNT);
  for (const bits of pieces) {
    for (let i = 0; i < bits.length; i++) {
      const slot = slotOfHigh[bits[i] >>> LOW_BITS];
      if (slot !== 0) counts[slot * LOW_COUNT + (bits[i] & (LOW_COUNT - 1))]++;
    }
  }
  return counts;
}
