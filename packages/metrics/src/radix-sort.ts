import { areFloat32, bitBlocks, blocks, concatScores, countScores } from './chunks.js';
import type { Scores } from './inputs.js';

// Three digits of 11 bits cover a 32-bit key.
const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;
const DIGIT_MASK = BUCKETS - 1;

/**
 * All scores of all chunks in ascending order, in one new array: float32 when every chunk is, else float64.
 * −0 and +0 end up beside each other in no particular order. No chunk may hold NaN.
 *
 * Needs 8 bytes per float32 score beside the chunks.
 */
export function sortChunks(chunks: readonly Scores[]): Scores {
  if (areFloat32(chunks)) return sortFloat32(chunks, countScores(chunks));
  return concatScores(chunks).sort();
}

/** Indices of the scores in ascending order of score. */
export function sortOrder(scores: Scores): Uint32Array {
  const order = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  if (scores instanceof Float32Array) return orderByKey(sortableKeys(scores), order);
  // A float64 key is two words: sort by the low one, then, keeping that order among equals, by the high one.
  const words = new Int32Array(scores.slice().buffer);
  const low = new Uint32Array(scores.length);
  const high = new Uint32Array(scores.length);
  for (let i = 0; i < scores.length; i++) {
    const sign = words[2 * i + 1] >> 31;
    low[i] = words[2 * i] ^ sign;
    high[i] = words[2 * i + 1] ^ (sign | 0x80000000);
  }
  const byLow = orderByKey(low, order);
  return orderByKey(
    byLow.map((index) => high[index]),
    byLow,
  );
}

/**
 * The bits of float32 numbers, changed so that the keys sort as unsigned integers the way the numbers do.
 * A positive number gets its sign bit set, a negative one all its bits flipped.
 */
function sortableKeys(scores: Float32Array): Uint32Array {
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = new Uint32Array(scores.length);
  for (let i = 0; i < bits.length; i++) keys[i] = bits[i] ^ ((bits[i] >> 31) | 0x80000000);
  return keys;
}

function sortFloat32(chunks: readonly Float32Array[], count: number): Float32Array {
  const pieces = bitBlocks(chunks);
  const offsets = new Uint32Array(3 * BUCKETS);
  for (const bits of pieces) countDigits(bits, offsets);
  for (let digit = 0; digit < 3; digit++) startsFromCounts(offsets, digit);

  // Lowest digit first. The first pass makes the keys on the way, the last one turns them back into numbers.
  const keys = new Uint32Array(count);
  const spare = new Uint32Array(count);
  for (const bits of pieces) placeByLowDigit(bits, offsets, keys);
  for (const block of blocks(keys)) placeByMiddleDigit(block, offsets, spare);
  for (const block of blocks(spare)) placeByHighDigit(block, offsets, keys);
  return new Float32Array(keys.buffer);
}

function countDigits(bits: Int32Array, offsets: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) {
    const key = bits[i] ^ ((bits[i] >> 31) | 0x80000000);
    offsets[key & DIGIT_MASK]++;
    offsets[BUCKETS + ((key >>> DIGIT_BITS) & DIGIT_MASK)]++;
    offsets[2 * BUCKETS + (key >>> (2 * DIGIT_BITS))]++;
  }
}

function placeByLowDigit(bits: Int32Array, offsets: Uint32Array, keys: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) {
    const key = bits[i] ^ ((bits[i] >> 31) | 0x80000000);
    keys[offsets[key & DIGIT_MASK]++] = key;
  }
}

function placeByMiddleDigit(from: Uint32Array, offsets: Uint32Array, to: Uint32Array): void {
  for (let i = 0; i < from.length; i++) {
    const key = from[i];
    to[offsets[BUCKETS + ((key >>> DIGIT_BITS) & DIGIT_MASK)]++] = key;
  }
}

function placeByHighDigit(from: Uint32Array, offsets: Uint32Array, bits: Uint32Array): void {
  for (let i = 0; i < from.length; i++) {
    const key = from[i];
    bits[offsets[2 * BUCKETS + (key >>> (2 * DIGIT_BITS))]++] = key ^ ((~key >> 31) | 0x80000000);
  }
}

/** Reorders `order`, whose element i has key `keys[i]`, by key; equal keys stay as they were. */
function orderByKey(keys: Uint32Array, order: Uint32Array): Uint32Array {
  const count = keys.length;
  const offsets = new Uint32Array(3 * BUCKETS);
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    offsets[key & DIGIT_MASK]++;
    offsets[BUCKETS + ((key >>> DIGIT_BITS) & DIGIT_MASK)]++;
    offsets[2 * BUCKETS + (key >>> (2 * DIGIT_BITS))]++;
  }
  let fromKeys = keys;
  let fromOrder = order;
  let toKeys: Uint32Array = new Uint32Array(count);
  let toOrder: Uint32Array = new Uint32Array(count);
  for (let digit = 0; digit < 3; digit++) {
    startsFromCounts(offsets, digit);
    const shift = digit * DIGIT_BITS;
    const first = digit * BUCKETS;
    for (let i = 0; i < count; i++) {
      const key = fromKeys[i];
      const to = offsets[first + ((key >>> shift) & DIGIT_MASK)]++;
      toKeys[to] = key;
      toOrder[to] = fromOrder[i];
    }
    [fromKeys, toKeys] = [toKeys, fromKeys];
    [fromOrder, toOrder] = [toOrder, fromOrder];
  }
  return fromOrder;
}

/** Turns one digit's counts into where each bucket starts. */
function startsFromCounts(offsets: Uint32Array, digit: number): void {
  let start = 0;
  for (let i = digit * BUCKETS; i < (digit + 1) * BUCKETS; i++) {
    const size = offsets[i];
    offsets[i] = start;
    start += size;
  }
}
