import type { Scores } from './inputs.js';

/** Number of scores in all chunks together. */
export function countScores(chunks: readonly Scores[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

/** Whether every chunk is float32, so that the fast paths on 32-bit keys apply. */
export function areFloat32(chunks: readonly Scores[]): chunks is readonly Float32Array[] {
  return chunks.every((chunk) => chunk instanceof Float32Array);
}

/** All chunks in one new array: float32 when every chunk is, else float64. */
export function concatScores(chunks: readonly Scores[]): Scores {
  const count = countScores(chunks);
  const all = areFloat32(chunks) ? new Float32Array(count) : new Float64Array(count);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * Consecutive views of at most 64 Ki elements. Hot loops run over such blocks, one call each: JavaScript engines
 * optimise a function that is called again long before one whose first call is still in its loop.
 */
export function blocks<Data extends Scores | Uint8Array | Int32Array | Uint32Array>(data: Data): Data[] {
  const views: Data[] = [];
  for (let start = 0; start < data.length; start += BLOCK) {
    views.push(data.subarray(start, start + BLOCK) as Data);
  }
  return views;
}

const BLOCK = 1 << 16;

/** The bits of all chunks, in blocks. */
export function bitBlocks(chunks: readonly Float32Array[]): Int32Array[] {
  return chunks.flatMap((chunk) => blocks(new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length)));
}

/** An array of the same type as `scores`, filled with 0. */
export function emptyLike(scores: Scores, length: number): Scores {
  return scores instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** Lowest and highest of all scores. */
export function scoreExtremes(chunks: readonly Scores[]): [lowest: number, highest: number] {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const score = chunk[i];
      if (score < lowest) lowest = score;
      if (score > highest) highest = score;
    }
  }
  return [lowest, highest];
}
