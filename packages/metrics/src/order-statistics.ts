import { areFloat32, countScores } from './chunks.js';
import type { Scores } from './inputs.js';
import { sortChunks } from './radix-sort.js';

// A 32-bit key is looked at in two parts. The scores of one test set share few of the possible high parts,
// so the counters in use fit the cache although there are a million.
const LOW_BITS = 12;
const LOW_COUNT = 1 << LOW_BITS;
const HIGH_COUNT = 1 << (32 - LOW_BITS);

/** Below this many scores, or above this many ranks, sorting is quicker or leaner than counting. */
const FEW_SCORES = 1 << 18;
const MANY_RANKS = 1000;

/**
 * The scores at the given ranks (0 = lowest) of all chunks together, without sorting them.
 *
 * @param ranks - Ascending, each in [0, number of scores).
 */
export function orderStatistics(chunks: readonly Scores[], ranks: readonly number[]): Float64Array {
  if (areFloat32(chunks) && countScores(chunks) >= FEW_SCORES && ranks.length <= MANY_RANKS) {
    return selectByCounting(chunks, ranks);
  }
  const sorted = sortChunks(chunks);
  return Float64Array.from(ranks, (rank) => sorted[rank]);
}

function selectByCounting(chunks: readonly Float32Array[], ranks: readonly number[]): Float64Array {
  const highCounts = countHighParts(chunks);

  // Which high part each rank falls into, and how many scores of that part lie below it.
  const slotOfHigh = new Uint16Array(HIGH_COUNT); // 0: no rank falls into this part
  const highOfSlot: number[] = [-1];
  const slotOfRank: number[] = [];
  const rankInSlot: number[] = [];
  let high = 0;
  let below = 0;
  for (const rank of ranks) {
    while (below + highCounts[high] <= rank) below += highCounts[high++];
    if (slotOfHigh[high] === 0) slotOfHigh[high] = highOfSlot.push(high) - 1;
    slotOfRank.push(slotOfHigh[high]);
    rankInSlot.push(rank - below);
  }

  const lowCounts = countLowParts(chunks, slotOfHigh, highOfSlot.length);
  const result = new Uint32Array(ranks.length);
  for (let i = 0; i < ranks.length; i++) {
    const first = slotOfRank[i] * LOW_COUNT;
    let low = 0;
    let remaining = rankInSlot[i];
    while (lowCounts[first + low] <= remaining) remaining -= lowCounts[first + low++];
    const key = highOfSlot[slotOfRank[i]] * LOW_COUNT + low;
    result[i] = key ^ ((~key >> 31) | 0x80000000);
  }
  return Float64Array.from(new Float32Array(result.buffer));
}

function countHighParts(chunks: readonly Float32Array[]): Uint32Array {
  const counts = new Uint32Array(HIGH_COUNT);
  for (const chunk of chunks) {
    const bits = new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let i = 0; i < bits.length; i++) {
      counts[(bits[i] ^ ((bits[i] >> 31) | 0x80000000)) >>> LOW_BITS]++;
    }
  }
  return counts;
}

/** Counts of the low parts among the scores of each slot. */
function countLowParts(
  chunks: readonly Float32Array[],
  slotOfHigh: Uint16Array,
  slotCount: number,
): Uint32Array {
  const counts = new Uint32Array(slotCount * LOW_COUNT);
  for (const chunk of chunks) {
    const bits = new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let i = 0; i < bits.length; i++) {
      const key = bits[i] ^ ((bits[i] >> 31) | 0x80000000);
      const slot = slotOfHigh[key >>> LOW_BITS];
      if (slot !== 0) counts[slot * LOW_COUNT + (key & (LOW_COUNT - 1))]++;
    }
  }
  return counts;
}
