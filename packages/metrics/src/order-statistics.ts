import { areFloat32, bitBlocks, countScores } from './chunks.js';
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
const MANY_RANKS = 255; // so that the number of a slot fits a byte

/**
 * The scores at the given ranks (0 = lowest) of all chunks together, without sorting them. NaN would come
 * before all other scores or after them.
 *
 * @param ranks - Ascending, each in [0, number of scores).
 */
export function orderStatistics(chunks: readonly Scores[], ranks: readonly number[]): Float64Array {
  if (areFloat32(chunks) && countScores(chunks) >= FEW_SCORES && ranks.length <= MANY_RANKS) {
    return selectByCounting(bitBlocks(chunks), ranks);
  }
  const sorted = sortChunks(chunks);
  return Float64Array.from(ranks, (rank) => sorted[rank]);
}

function selectByCounting(pieces: readonly Int32Array[], ranks: readonly number[]): Float64Array {
  const highCounts = new Uint32Array(HIGH_COUNT);
  for (const bits of pieces) countHighParts(bits, highCounts);

  // A slot for every high part that a rank falls into; 0 for those without one.
  const slotOfHigh = new Uint8Array(HIGH_COUNT);
  const highOfSlot: number[] = [0];
  const wanted: { slot: number; rankInSlot: number }[] = [];
  let reached = { place: 0, below: 0 };
  for (const rank of ranks) {
    reached = walkToRank(highCounts, rank, reached);
    const high = highAt(reached.place);
    if (slotOfHigh[high] === 0) slotOfHigh[high] = highOfSlot.push(high) - 1;
    wanted.push({ slot: slotOfHigh[high], rankInSlot: rank - reached.below });
  }

  const lowCounts = new Uint32Array(highOfSlot.length * LOW_COUNT);
  for (const bits of pieces) countLowParts(bits, slotOfHigh, lowCounts);
  const found = wanted.map(({ slot, rankInSlot }) => {
    const counts = lowCounts.subarray(slot * LOW_COUNT, (slot + 1) * LOW_COUNT);
    return highOfSlot[slot] * LOW_COUNT + lowPartAt(counts, rankInSlot, highOfSlot[slot] >= NEGATIVE);
  });
  return Float64Array.from(new Float32Array(Uint32Array.from(found).buffer));
}

/** Which high part holds the given rank, by its place in ascending order, and how many scores lie below it. */
function walkToRank(
  highCounts: Uint32Array,
  rank: number,
  from: { place: number; below: number },
): { place: number; below: number } {
  let { place, below } = from;
  for (let count = highCounts[highAt(place)]; below + count <= rank; count = highCounts[highAt(place)]) {
    below += count;
    place++;
  }
  return { place, below };
}

/** The low part of the given rank among scores of one high part. */
function lowPartAt(counts: Uint32Array, rank: number, isNegative: boolean): number {
  // Among negative numbers the one with the larger low part is the lower one.
  let low = isNegative ? LOW_COUNT - 1 : 0;
  for (let remaining = rank; counts[low] <= remaining; low += isNegative ? -1 : 1) remaining -= counts[low];
  return low;
}

/** The high parts in ascending order of the numbers they belong to: the negative ones come first, backwards. */
function highAt(place: number): number {
  return place < NEGATIVE ? HIGH_COUNT - 1 - place : place - NEGATIVE;
}

function countHighParts(bits: Int32Array, counts: Uint32Array): void {
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

/** Counts the low parts of the scores that belong to a slot, slot by slot. */
function countLowParts(bits: Int32Array, slotOfHigh: Uint8Array, counts: Uint32Array): void {
  let i = 0;
  for (const end = bits.length - 3; i < end; i += 4) {
    // Few scores belong to a slot, so mostly four are dismissed at once.
    const slots =
      slotOfHigh[bits[i] >>> LOW_BITS] |
      slotOfHigh[bits[i + 1] >>> LOW_BITS] |
      slotOfHigh[bits[i + 2] >>> LOW_BITS] |
      slotOfHigh[bits[i + 3] >>> LOW_BITS];
    if (slots === 0) continue;
    for (let j = i; j < i + 4; j++) countLowPart(bits[j], slotOfHigh, counts);
  }
  for (; i < bits.length; i++) countLowPart(bits[i], slotOfHigh, counts);
}

function countLowPart(score: number, slotOfHigh: Uint8Array, counts: Uint32Array): void {
  const slot = slotOfHigh[score >>> LOW_BITS];
  if (slot !== 0) counts[slot * LOW_COUNT + (score & (LOW_COUNT - 1))]++;
}
